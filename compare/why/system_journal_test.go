package why

import (
	"fmt"
	"testing"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/rules/past"
	"haltscope/compare/systemd"
	"haltscope/compare/value"
)

// TestMergeKernel: of records that both have, those of /dev/kmsg are used.
func TestMergeKernel(t *testing.T) {
	kill := func(seconds float64, pid int, early time.Duration) cgroupfs.PastKill {
		return cgroupfs.PastKill{OOMVictim: cgroupfs.OOMVictim{PID: pid, Cgroup: "/docker/c0ffee"}, At: after(seconds), Early: early}
	}
	fault := func(seconds float64, pid int) cgroupfs.Fault {
		return cgroupfs.Fault{PID: pid, Text: "segfault", At: after(seconds)}
	}
	kmsg := &cgroupfs.KernelPast{Kills: []cgroupfs.PastKill{kill(100, 1, 0), kill(100, 2, 0)}, Faults: []cgroupfs.Fault{fault(100, 5)}}
	journal := &systemd.Past{Kernel: cgroupfs.KernelPast{Faults: []cgroupfs.Fault{fault(101, 5), fault(101, 6)},
		Kills: []cgroupfs.PastKill{
			kill(-9000, 1, 0),               // of an earlier boot
			kill(101, 1, 0),                 // the same
			kill(1000, 2, 15*time.Minute),   // the same: journald was started late
			kill(200, 2, 0), kill(50, 3, 0), // what the kernel has overwritten
		}}}
	for _, c := range []struct {
		kmsg    *cgroupfs.KernelPast
		journal *systemd.Past
		want    string
	}{
		{kmsg, nil, "1@100 2@100, 5"},
		{nil, nil, ","},
		{kmsg, journal, "1@100 2@100 1@-9000j 2@200j 3@50j, 5 6j"},
		{nil, journal, "1@-9000j 1@101j 2@1000j 2@200j 3@50j, 5j 6j"},
	} {
		s := &sources{kernel: c.kmsg, system: c.journal}
		s.mergeKernel()
		got, mark := "", map[string]string{"": "", journalKernel: "j"}
		for _, k := range s.kills {
			got += fmt.Sprintf("%d@%g%s ", k.PID, k.At.Sub(zero).Seconds(), mark[k.source])
		}
		if len(s.kills) > 0 {
			got = got[:len(got)-1]
		}
		got += ","
		for _, x := range s.faults {
			got += fmt.Sprintf(" %d%s", x.PID, mark[x.source])
		}
		if got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestLateRecord: journald may have read a record after the run had ended.
func TestLateRecord(t *testing.T) {
	from, to := after(10), after(20)
	runs := []run{{started: &from, ended: &to}}
	for _, c := range []struct {
		at    float64
		early time.Duration
		want  bool
	}{{19, 0, true}, {25, 0, false}, {25, 6 * time.Second, true}, {25, 4 * time.Second, false}, {5, 10 * time.Second, false}} {
		if got := runAt(runs, after(c.at), c.early, 100*time.Millisecond) != nil; got != c.want {
			t.Errorf("at %g, %s early: %t", c.at, c.early, got)
		}
	}
	if at := atMost(after(25), 6*time.Second, &to); !at.Equal(to) {
		t.Errorf("at %s", at)
	}
}

// TestAddSystemJournal gives a run what systemd's journal has of it, and nothing else.
func TestAddSystemJournal(t *testing.T) {
	const cgroup, other = "/system.slice/docker-c0ffee.scope", "/system.slice/docker-bad.scope"
	from, to := after(10), after(20)
	r, sub := run{started: &from, ended: &to}, &subject{id: "c0ffee"}
	dump := func(seconds float64, cgroup string) systemd.Past {
		return systemd.Past{Dumps: []systemd.CoreDump{{At: after(seconds), PID: 7, Name: "a\x1b[m", Signal: value.SIGSEGV, Cgroup: cgroup}}}
	}
	oomd := func(seconds float64, cgroup string) systemd.Past {
		return systemd.Past{Kills: []systemd.Kill{{At: after(seconds), By: "systemd-oomd", Signal: value.SIGKILL, Cgroup: cgroup, Done: true}}}
	}
	earlyoom := func(seconds float64) systemd.Past {
		return systemd.Past{Kills: []systemd.Kill{{At: after(seconds), By: "earlyoom", Signal: value.SIGTERM, PID: 7, Name: "a"}}}
	}
	for name, c := range map[string]struct {
		past  systemd.Past
		found bool
	}{
		"a dump":                            {dump(19, cgroup), true},
		"a dump of a process below":         {dump(19, cgroup+"/init"), true},
		"a dump in the second of its start": {dump(9.5, cgroup), true},
		"a dump of another container":       {dump(19, other), false},
		"a dump of an earlier run":          {dump(5, cgroup), false},
		"a dump of a later run":             {dump(21, cgroup), false},
		"systemd-oomd":                      {oomd(19, cgroup), true},
		"systemd-oomd, logged late":         {oomd(21, cgroup), true},
		"systemd-oomd, another":             {oomd(19, other), false},
		"systemd-oomd, a cgroup below":      {oomd(19, cgroup+"/worker"), false},
		"systemd-oomd, long after":          {oomd(30, cgroup), false},
		"systemd-oomd, an earlier run":      {oomd(9, cgroup), false},
		"earlyoom":                          {earlyoom(12), true},
		"earlyoom, after it":                {earlyoom(23), false},
		"earlyoom, before it had begun":     {earlyoom(9), false},
	} {
		s := &sources{system: &c.past}
		var f past.Facts
		s.addSystemJournal(&f, sub, &r)
		if n := len(f.Dumps) + len(f.OOMSignals); (n == 1) != c.found || n > 1 {
			t.Errorf("%s: %+v, %+v", name, f.Dumps, f.OOMSignals)
		}
		for _, d := range f.Dumps {
			if d.Name == "a\x1b[m" {
				t.Errorf("%s: %q", name, d.Name)
			}
		}
		for _, k := range f.OOMSignals {
			if k.Whole != (k.By == "systemd-oomd") {
				t.Errorf("%s: %+v", name, k)
			}
		}
	}
}
