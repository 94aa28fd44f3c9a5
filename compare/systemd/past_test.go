package systemd

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"haltscope/compare/value"
)

// capture is what journalctl of systemd 252 printed on Linux 6.18.44, after a process had been killed by the OOM killer and another one
// had crashed, without the cursors. Then a program had written a line to /dev/kmsg that looks like one of the kernel's, and another one had
// sent an entry that looks like a core dump.
const capture = "testdata/systemd-252"

func TestParsePast(t *testing.T) {
	data, err := os.ReadFile(capture)
	if err != nil {
		t.Fatal(err)
	}
	past, err := ParsePast(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if !past.Oldest.Equal(time.UnixMicro(1796128853505778)) {
		t.Errorf("its oldest entry is of %d", past.Oldest.UnixMicro())
	}
	if n := len(past.Kernel.Kills); n != 2 {
		t.Fatalf("%d kills: %+v", n, past.Kernel.Kills)
	}
	k := past.Kernel.Kills[1]
	if k.PID != 27152 || k.Name != "tail" || len(k.Tasks) != 2 || !strings.HasPrefix(k.Cgroup, "/docker/") ||
		!k.At.Equal(time.UnixMicro(1796128853506615)) || k.Early != (2198719777-2195663297)*time.Microsecond {
		t.Errorf("%+v", k)
	}
	if len(past.Kernel.Faults) != 1 || past.Kernel.Faults[0].Name != "python3" || past.Kernel.Faults[0].Early != 133032*time.Microsecond {
		t.Errorf("%+v", past.Kernel.Faults)
	}
	if past.Dumps != nil || past.Kills != nil {
		t.Errorf("%+v, %+v", past.Dumps, past.Kills)
	}
}

// entry makes an entry of a unit at a time in seconds.
func entry(unit string, seconds int, fields string) string {
	return fmt.Sprintf(`{"__REALTIME_TIMESTAMP":"%d000000","_SYSTEMD_UNIT":%q,%s}`, seconds, unit, fields)
}

const scope = "/system.slice/docker-61a1.scope"

func TestCoreDump(t *testing.T) {
	const unit = "systemd-coredump@3-4242-0.service"
	dump := func(fields string) string {
		return `"MESSAGE_ID":"` + coreDumpID + `","COREDUMP_COMM":"crash",` + fields
	}
	whole := dump(`"COREDUMP_PID":"42","COREDUMP_SIGNAL":"11","COREDUMP_TIMESTAMP":"5000000","COREDUMP_CGROUP":"` + scope + `"`)
	for name, c := range map[string]struct {
		text string
		want []CoreDump
	}{
		"a crash": {entry(unit, 7, whole), []CoreDump{{time.Unix(5, 0), 42, "crash", value.SIGSEGV, scope}}},
		"a name of bytes": {entry(unit, 7, strings.Replace(whole, `"crash"`, `[99,255]`, 1)),
			[]CoreDump{{time.Unix(5, 0), 42, "c\xff", value.SIGSEGV, scope}}},
		"of a user":         {entry("user@1000.service", 7, whole), nil},
		"of no unit":        {`{"__REALTIME_TIMESTAMP":"7000000",` + whole + `}`, nil},
		"no signal":         {entry(unit, 7, strings.Replace(whole, `"11"`, `"0"`, 1)), nil},
		"a large signal":    {entry(unit, 7, strings.Replace(whole, `"11"`, `"267"`, 1)), nil},
		"no process":        {entry(unit, 7, strings.Replace(whole, `"42"`, `""`, 1)), nil},
		"no time":           {entry(unit, 7, strings.Replace(whole, `"5000000"`, `"x"`, 1)), nil},
		"no cgroup":         {entry(unit, 7, strings.Replace(whole, scope, "", 1)), nil},
		"another message":   {entry(unit, 7, strings.Replace(whole, coreDumpID, "0", 1)), nil},
		"not a whole entry": {entry(unit, 7, whole)[:100], nil},
	} {
		past, err := ParsePast(strings.NewReader(c.text + "\n"))
		if err != nil || !slices.Equal(past.Dumps, c.want) {
			t.Errorf("%s: %+v, %v", name, past.Dumps, err)
		}
	}
}

func TestKills(t *testing.T) {
	const killed = "Killed " + scope + " due to memory pressure for /system.slice being 71.36% > 50.00% for > 20s with reclaim activity"
	const marked = "Marked " + scope + " for killing due to memory used (2071953408) / total (2079002624) and swap used (1) / total (2)" +
		" being more than 90.00%"
	const sending = `sending SIGTERM to process 4242 uid 0 \"java\": oom_score 890, oom_score_adj 0, VmRSS 812 MiB, cmdline \"java\"`
	message := func(unit string, text string) string { return entry(unit, 7, `"MESSAGE":"`+text+`"`) }
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"systemd-oomd 252":   {[]string{message(oomdUnit, killed)}, "systemd-oomd 9 " + scope + " done"},
		"systemd-oomd 258":   {[]string{message(oomdUnit, marked)}, "systemd-oomd 9 " + scope},
		"another line of it": {[]string{message(oomdUnit, "Memory pressure is high")}, ""},
		"another unit":       {[]string{message("docker.service", killed), message("docker.service", sending)}, ""},
		"earlyoom 1.9":       {[]string{message(earlyoomUnit, sending)}, "earlyoom 15 4242 java"},
		"earlyoom 1.7": {[]string{message(earlyoomUnit, `sending SIGKILL to process 7 uid 0 \"a b\": badness 9, VmRSS 1 MiB`)},
			"earlyoom 9 7 a b"},
		"earlyoom, more and more": {[]string{message(earlyoomUnit, sending), message(earlyoomUnit, "escalating to SIGKILL after 0.300 seconds")},
			"earlyoom 15 4242 java; earlyoom 9 4242 java"},
		"earlyoom, dry run": {[]string{message(earlyoomUnit, sending), message(earlyoomUnit, "dryrun, not actually sending any signal")}, ""},
		"earlyoom, failed":  {[]string{message(earlyoomUnit, sending), message(earlyoomUnit, "kill failed: Operation not permitted")}, ""},
		"earlyoom, a failure of nothing": {[]string{message(oomdUnit, killed), message(earlyoomUnit, "kill failed: Operation not permitted")},
			"systemd-oomd 9 " + scope + " done"},
	} {
		past, err := ParsePast(strings.NewReader(strings.Join(c.lines, "\n")))
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, k := range past.Kills {
			text := fmt.Sprintf("%s %d %s", k.By, k.Signal, k.Cgroup)
			if k.PID != 0 {
				text += fmt.Sprintf("%d %s", k.PID, k.Name)
			}
			if k.Done {
				text += " done"
			}
			if !k.At.Equal(time.Unix(7, 0)) || k.Text == "" || strings.Contains(k.Text, "cmdline") {
				t.Errorf("%s: %+v", name, k)
			}
			all = append(all, text)
		}
		if got := strings.Join(all, "; "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A line that is too long is skipped, and a list of candidates does not go over to another boot.
func TestParsePastOdd(t *testing.T) {
	kernel := func(boot, text string) string {
		return fmt.Sprintf(`{"__REALTIME_TIMESTAMP":"7000000","_TRANSPORT":"kernel","SYSLOG_IDENTIFIER":"kernel","_BOOT_ID":%q,"MESSAGE":%q}`,
			boot, text)
	}
	const kill = "oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/a,task_memcg=/a,task=x,pid=42,uid=0"
	long := kernel("1", strings.Repeat("x", 2*maxEntry))
	past, err := ParsePast(strings.NewReader(strings.Join([]string{kernel("1", "Tasks state (memory values in pages):"), long,
		kernel("2", kill), kernel("2", "Tasks state (memory values in pages):"), "{", kernel("2", kill), long}, "\n")))
	if err != nil || len(past.Kernel.Kills) != 2 || past.Kernel.Kills[0].Tasks != nil || past.Kernel.Kills[1].Tasks == nil ||
		past.Kernel.Kills[0].Early != unknownDelay {
		t.Errorf("%+v, %v", past, err)
	}
}

func FuzzParsePast(f *testing.F) {
	data, err := os.ReadFile(capture)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add(entry(oomdUnit, 7, `"MESSAGE":"Killed /a due to memory used (1)"`))
	f.Add(entry(earlyoomUnit, 7, `"MESSAGE":"sending SIGKILL to process 7 uid 0 \"a\": badness 9, VmRSS 1 MiB"`))
	f.Fuzz(func(t *testing.T, text string) {
		past, err := ParsePast(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range past.Kernel.Kills {
			if k.PID <= 0 || k.Early < 0 {
				t.Errorf("%+v", k)
			}
		}
		for _, d := range past.Dumps {
			if d.PID <= 0 || d.Cgroup == "" || !value.ValidSignal(d.Signal) {
				t.Errorf("%+v", d)
			}
		}
		for _, k := range past.Kills {
			if (k.Cgroup == "") == (k.PID == 0) || k.Signal != value.SIGKILL && k.Signal != value.SIGTERM {
				t.Errorf("%+v", k)
			}
		}
	})
}
