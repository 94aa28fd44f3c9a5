package proc

import (
	"bytes"
	"errors"
	"math/bits"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

func TestParseStatus(t *testing.T) {
	const text = "Name:\tx\nUid:\t0\t33\t0\t0\nNSpid:\t7\t1\nVmRSS:\t    10 kB\nVmSwap:\t     2 kB\nThreads:\t3\nSigPnd:\t0000000000000001\n" +
		"ShdPnd:\t0000000000004000\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000000004\nSigCgt:\t0000000000000008\n" +
		"CapEff:\t0000000000400000\n"
	got, err := parseStatus([]byte(text))
	want := Status{
		Name: "x", UID: 33, NSpid: []int{7, 1}, Threads: 3, Blocked: 2, Ignored: 4, Caught: 8, Pending: 1, SharedPending: 1 << 14,
		Capabilities: 1 << unix.CAP_SYS_BOOT,
		VMRSS:        figure.Number(10 << 10), VMSwap: figure.Number(2 << 10),
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(figure.Figure{})); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for name, text := range map[string]string{
		"empty":         "",
		"cut":           text[:strings.Index(text, "SigCgt")],
		"no unit":       strings.Replace(text, " kB", "", 1),
		"not a number":  strings.Replace(text, "10 kB", "ten kB", 1),
		"not a set":     strings.Replace(text, "0000000000004000", "4g", 1),
		"not a user":    strings.Replace(text, "\t33\t", "\twww\t", 1),
		"a cut user":    strings.Replace(text, "\t33\t0\t0", "\t33", 1),
		"not a pid":     strings.Replace(text, "\t7\t", "\tseven\t", 1),
		"not a count":   strings.Replace(text, "Threads:\t3", "Threads:\tmany", 1),
		"no capability": strings.Replace(text, "0000000000400000", "boot", 1),
		"half of a set": strings.Replace(text, "SigIgn:\t0000000000000004", "SigIgn:", 1),
	} {
		var malformed *figure.MalformedError
		if s, err := parseStatus([]byte(text)); !errors.As(err, &malformed) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

func TestParseStatusRecorded(t *testing.T) {
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		stat, err := parseStat(figuretest.Read(t, dir, "stat"))
		if err != nil {
			t.Fatal(err)
		}
		status, err := parseStatus(figuretest.Read(t, dir, "status"))
		if err != nil || status.Name != "nginx" || !status.NamespaceInit() || status.NSpid[0] != stat.PID {
			t.Errorf("%+v, %v", status, err)
		}
		// nginx handles SIGTERM, SIGQUIT and SIGHUP; nobody can handle SIGKILL.
		for signal, want := range map[unix.Signal]bool{unix.SIGTERM: true, unix.SIGQUIT: true, unix.SIGHUP: true, unix.SIGKILL: false} {
			if got := status.Caught.Has(signal); got != want {
				t.Errorf("signal %d caught: %t", signal, got)
			}
		}
		if v, ok := status.VMRSS.Value(); !ok || v < 1<<20 {
			t.Errorf("VmRSS %s", status.VMRSS)
		}
	})
}

func TestParseVoluntarySwitches(t *testing.T) {
	for text, want := range map[string]figure.Figure{
		"Name:\tdd\nThreads:\t1\nvoluntary_ctxt_switches:\t150\nnonvoluntary_ctxt_switches:\t7\n": figure.Number(150),
		"Name:\tdd\nnonvoluntary_ctxt_switches:\t7\n":                                             figure.Without(figure.Unsupported),
		"voluntary_ctxt_switches:\tmany\n":                                                        figure.Without(figure.Failed),
		"":                                                                                        figure.Without(figure.Unsupported),
	} {
		if got := parseVoluntarySwitches([]byte(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		if got := parseVoluntarySwitches(figuretest.Read(t, dir, "status")); got.State() != figure.Present {
			t.Errorf("%s", got)
		}
	})
}

func FuzzParseStatus(f *testing.F) {
	figuretest.Seed(f, "status")
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseStatus(data)
		if err != nil {
			return
		}
		figuretest.Check(t, data, s)
		if s.VMRSS.State() == figure.Failed || s.VMSwap.State() == figure.Failed || !bytes.Contains(data, []byte("SigCgt")) {
			t.Errorf("%+v", s)
		}
		for _, set := range []SignalSet{s.Blocked, s.Ignored, s.Caught, s.Pending, s.SharedPending} {
			if len(set.Signals()) != bits.OnesCount64(uint64(set)) {
				t.Errorf("%#x: %v", set, set.Signals())
			}
		}
	})
}

func FuzzParseVoluntarySwitches(f *testing.F) {
	figuretest.Seed(f, "status")
	f.Fuzz(func(t *testing.T, data []byte) {
		s := parseVoluntarySwitches(data).State()
		if s != figure.Present && s != figure.Unsupported && s != figure.Failed {
			t.Errorf("%s", s)
		}
	})
}
