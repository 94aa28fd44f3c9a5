package trace

import (
	"errors"
	"reflect"
	"testing"

	"golang.org/x/sys/unix"
)

// Records of Linux 6.18 on amd64, without their headers: a process starts sleep, 27210, and kill, 27211, which ends it by SIGTERM.
const (
	forkRecord = "4b6a0000456a00004b6a0000456a0000adbf7e525a010000 456a0000456a00006dbe7e525a0100000100000000000000"
	nameRecord = "4b6a00004b6a00006b696c6c00000000 4b6a00004b6a0000d09c84525a0100000100000000000000"
	exitRecord = "4b6a0000456a00004b6a0000456a000098f194525a010000 4b6a00004b6a0000bbf094525a0100000100000000000000"
	// A new thread of process 27212.
	threadRecord = "4c6a00004c6a00004e6a00004c6a000021978d555a010000 4c6a00004c6a000008968d555a0100000000000000000000"
	sampleRecord = "4b6a00004b6a0000333492525a010000 0100000000000000 34000000" +
		"050125024b6a00000f0000000000000000000000736c65657000000000000000000000004a6a00000100000000000000 00000000 0100000000000000"
	trailer = "4b6a00004b6a0000333492525a0100000100000000000000"
)

func sampled(t testing.TB) []byte {
	t.Helper()
	return message(t, sampleRecord)
}

func TestParseRecord(t *testing.T) {
	name := func(text string) (all [16]byte) {
		copy(all[:], text)
		return all
	}
	for _, c := range []struct {
		name string
		kind uint32
		body []byte
		want perfRecord
		ok   bool
		err  error
	}{
		{"fork", unix.PERF_RECORD_FORK, message(t, forkRecord),
			perfRecord{kind: unix.PERF_RECORD_FORK, at: 1487442722413, pid: 27211, tid: 27211, cpu: 1, parent: 27205}, true, nil},
		{"thread", unix.PERF_RECORD_FORK, message(t, threadRecord),
			perfRecord{kind: unix.PERF_RECORD_FORK, at: 1487494026760, pid: 27212, tid: 27214, parent: 27212}, true, nil},
		{"name", unix.PERF_RECORD_COMM, message(t, nameRecord),
			perfRecord{kind: unix.PERF_RECORD_COMM, at: 1487443107024, pid: 27211, tid: 27211, cpu: 1, name: name("kill")}, true, nil},
		{"exit", unix.PERF_RECORD_EXIT, message(t, exitRecord),
			perfRecord{kind: unix.PERF_RECORD_EXIT, at: 1487444177083, pid: 27211, tid: 27211, cpu: 1, parent: 27205}, true, nil},
		{"lost", unix.PERF_RECORD_LOST, message(t, "0100000000000000 0700000000000000"+trailer),
			perfRecord{kind: unix.PERF_RECORD_LOST, at: 1487443997747, pid: 27211, tid: 27211, cpu: 1, lost: 7}, true, nil},
		{"lost samples", unix.PERF_RECORD_LOST_SAMPLES, message(t, "0500000000000000"+trailer),
			perfRecord{kind: unix.PERF_RECORD_LOST_SAMPLES, at: 1487443997747, pid: 27211, tid: 27211, cpu: 1, lost: 5}, true, nil},
		{"another kind", unix.PERF_RECORD_MMAP, message(t, "00000000"+trailer), perfRecord{}, false, nil},
		{"cut", unix.PERF_RECORD_FORK, message(t, forkRecord)[4:], perfRecord{}, false, errCutRecord},
		{"cut trailer", unix.PERF_RECORD_COMM, message(t, nameRecord)[:16], perfRecord{}, false, errCutRecord},
		{"cut sample", unix.PERF_RECORD_SAMPLE, sampled(t)[:30], perfRecord{}, false, errCutRecord},
		{"a sample that says it is longer", unix.PERF_RECORD_SAMPLE, append(sampled(t)[:60], sampled(t)[68:]...), perfRecord{}, false,
			errCutRecord},
	} {
		got, ok, err := parseRecord(c.kind, c.body, true)
		if ok != c.ok || !errors.Is(err, c.err) || ok && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v, %v", c.name, got, ok, err)
		}
	}
}

func TestParseSample(t *testing.T) {
	want := Signal{At: 1487443997747, CPU: 1, Signal: unix.SIGTERM, Code: User, Target: 27210, TargetName: "sleep", Group: true,
		Result: Delivered, Sender: Ancestor{PID: 27211}, Cgroup: 1}
	f := recordedFormat(t, "signal_generate-6.18.format")
	r, ok, err := parseRecord(unix.PERF_RECORD_SAMPLE, sampled(t), true)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	if got, ok := parseSignal(f, &r); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, ok)
	}
	// Before Linux 5.7 there is no cgroup.
	old, ok, err := parseRecord(unix.PERF_RECORD_SAMPLE, sampled(t)[:80], false)
	want.Cgroup = 0
	if got, parsed := parseSignal(f, &old); !ok || err != nil || !parsed || !reflect.DeepEqual(got, want) {
		t.Errorf("without a cgroup: %+v, %v, %v", got, ok, err)
	}
	r.raw = r.raw[:47]
	if got, ok := parseSignal(f, &r); ok {
		t.Errorf("cut: %+v", got)
	}
}

func FuzzParseRecord(f *testing.F) {
	for kind, text := range map[uint32]string{unix.PERF_RECORD_FORK: forkRecord, unix.PERF_RECORD_COMM: nameRecord,
		unix.PERF_RECORD_EXIT: exitRecord, unix.PERF_RECORD_LOST: "0100000000000000 0700000000000000" + trailer} {
		f.Add(kind, message(f, text), true)
	}
	f.Add(uint32(unix.PERF_RECORD_SAMPLE), sampled(f), true)
	f.Add(uint32(unix.PERF_RECORD_SAMPLE), sampled(f), false)
	format := recordedFormat(f, "signal_generate-6.18.format")
	f.Fuzz(func(t *testing.T, kind uint32, body []byte, withCgroup bool) {
		r, ok, err := parseRecord(kind, body, withCgroup)
		if ok && err != nil {
			t.Errorf("%+v, %v", r, err)
		}
		parseSignal(format, &r)
	})
}
