package watch

import (
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs"
)

// pastKill is a victim that the kernel's log names, among the processes of a container whose first one is 42.
func pastKill(ms, pid int, tasks ...int) cgroupfs.PastKill {
	return cgroupfs.PastKill{At: at(ms), Tasks: tasks,
		OOMVictim: cgroupfs.OOMVictim{PID: pid, Name: "job", LimitOf: "/docker/c0ffee", Cgroup: "/docker/c0ffee"}}
}

// TestPastOOM checks what a watch that begins later says of OOM kills, by the kernel's log and Docker's events.
func TestPastOOM(t *testing.T) {
	child := []step{event(0, "start"), event(1000, "oom"), event(1050, "die", "exitCode=3"), inspect(9000, oomKilled(3))}
	for _, c := range []struct {
		name     string
		kills    []cgroupfs.PastKill
		missing  []span
		steps    []step
		want     string
		messages []string
	}{
		{"a child", []cgroupfs.PastKill{pastKill(990, 43, 42, 43)}, nil, child, "start die/crashed=3",
			[]string{"failed by itself, exit code 3; before that, the OOM killer killed 1 process in it, job (pid 43), at its limit"}},
		{"a child, and Docker's event is lost", []cgroupfs.PastKill{pastKill(990, 43, 42, 43)}, nil,
			[]step{event(0, "start"), event(1050, "die", "exitCode=3"), inspect(9000, container("exited", 3))}, "start die/crashed=3",
			[]string{"failed by itself, exit code 3; before that, the OOM killer killed 1 process in it, job (pid 43), at its limit"}},
		{"a child, and the log has nothing", nil, nil, child, "start die/crashed=3",
			[]string{"failed by itself, exit code 3; before that, the OOM killer killed at least one process in it"}},
		{"a child, and others may be missing", []cgroupfs.PastKill{pastKill(990, 43, 42, 43)}, []span{{at(500), at(1020)}}, child,
			"start die/crashed=3",
			[]string{"failed by itself, exit code 3; before that, the OOM killer killed at least one process in it, job (pid 43), at its limit"}},
		{"the first process", []cgroupfs.PastKill{pastKill(1000, 42, 42)}, nil, []step{event(0, "start"), event(1000, "oom"),
			event(1050, "die", "exitCode=137"), inspect(9000, oomKilled(137))}, "start die/oom-killed=137",
			[]string{"killed by the OOM killer, its first process job (pid 42), at its limit; exit code 137"}},
		{"a child, and the program exits with 137", []cgroupfs.PastKill{pastKill(1000, 43, 42, 43)}, nil, []step{event(0, "start"),
			event(1000, "oom"), event(1050, "die", "exitCode=137"), inspect(9000, oomKilled(137))}, "start die/crashed=137",
			[]string{"failed by itself, exit code 137; before that, the OOM killer killed 1 process in it, job (pid 43), at its limit"}},
		{"who is not known to be the first", []cgroupfs.PastKill{pastKill(1000, 43)}, nil, []step{event(0, "start"),
			event(1000, "oom"), event(1050, "die", "exitCode=137"), inspect(9000, oomKilled(137))}, "start die/oom-killed=137",
			[]string{"killed by the OOM killer, job (pid 43), at its limit; exit code 137"}},
		{"two runs, by a clock that is ahead", []cgroupfs.PastKill{pastKill(1080, 43, 42, 43), pastKill(3080, 53, 52, 53)}, nil,
			[]step{event(0, "start"), event(1050, "oom"), event(1052, "die", "exitCode=3"), event(1152, "start"), event(3050, "oom"),
				event(3052, "die", "exitCode=3"), inspect(9000, startedAt(1152, oomKilled(3)))},
			"start die/crashed=3 start die/crashed=3",
			[]string{"failed by itself, exit code 3; before that, the OOM killer killed 1 process in it, job (pid 43), at its limit", "started",
				"failed by itself, exit code 3; before that, the OOM killer killed 1 process in it, job (pid 53), at its limit"}},
		{"a child that it survived", []cgroupfs.PastKill{pastKill(1000, 43, 42, 43)}, nil, []step{event(0, "start"), event(1000, "oom"),
			inspect(9000, container("running", 0)), counted(9010, 1)}, "start oom",
			[]string{"the OOM killer killed 1 process in it, job (pid 43), at its limit of 16 MiB; it held at most 15 MiB; it keeps running"}},
		{"a child, and then another that is not in the log", []cgroupfs.PastKill{pastKill(1000, 43, 42, 43)}, nil,
			[]step{event(0, "start"), event(1000, "oom"), inspect(9000, container("running", 0)), counted(9010, 2)}, "start oom",
			[]string{"the OOM killer killed 2 processes in it, including job (pid 43), at its limit of 16 MiB; it held at most 15 MiB; " +
				"it keeps running"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", false)
			l.PastVictims(c.kills, c.missing)
			got := play(l, c.steps...)
			var messages []string
			for _, line := range got[1:] {
				messages = append(messages, line.Message)
			}
			if text(got) != c.want || strings.Join(messages, "\n") != strings.Join(c.messages, "\n") {
				t.Errorf("%s\n%s\nwant %s\n%s", text(got), strings.Join(messages, "\n"), c.want, strings.Join(c.messages, "\n"))
			}
			if len(l.past.unclaimed) > 0 {
				t.Errorf("unclaimed: %+v", l.past.unclaimed)
			}
		})
	}
}

// A run from before the time of --since counts only the kills since then, which the kernel's count had included when it was first
// read.
func TestPastOOMOfOlderRun(t *testing.T) {
	for _, c := range []struct {
		name  string
		kills []cgroupfs.PastKill
		steps []step
		want  string
	}{
		{"named", []cgroupfs.PastKill{pastKill(1000, 43, 42, 43)}, []step{event(1000, "oom"), counted(9010, 5)},
			"the OOM killer killed 1 process in it, job (pid 43), at its limit of 16 MiB; it held at most 15 MiB; it keeps running"},
		{"not named", nil, []step{event(1000, "oom"), counted(9010, 5)},
			"the OOM killer killed at least one process in it at its limit of 16 MiB; it keeps running"},
		{"and one more", []cgroupfs.PastKill{pastKill(1000, 43, 42, 43)}, []step{event(1000, "oom"), counted(9010, 5), counted(9020, 6)},
			"the OOM killer killed 2 processes in it, including job (pid 43), at its limit of 16 MiB; it held at most 15 MiB; it keeps running"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewTimeline("c0ffee", "web", true)
			l.PastVictims(c.kills, nil)
			runs := container("running", 0)
			runs.State.StartedAt = at(-300_000)
			l.Inspection(&runs, at(0), at(0), false)
			got := play(l, c.steps...)
			if len(got) != 1 || got[0].Message != c.want {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestChoseMainProcess checks that only a list of just this container's processes tells its first one.
func TestChoseMainProcess(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	for _, c := range []struct {
		name         string
		limit, group string
		tasks        []int
		want         string
	}{
		{"the first", "/docker/c0ffee", "/docker/c0ffee", []int{43, 44}, "yes"},
		{"another", "/docker/c0ffee", "/docker/c0ffee", []int{42, 43}, "no"},
		{"no list", "/docker/c0ffee", "/docker/c0ffee", nil, "unknown"},
		{"systemd's scope", "/system.slice/docker-c0ffee.scope", "/system.slice/docker-c0ffee.scope", []int{43}, "yes"},
		{"all containers", "/docker", "/docker/c0ffee", []int{7, 43}, "unknown"},
		{"the host", "", "/docker/c0ffee", []int{1, 43}, "unknown"},
		{"a cgroup inside", "/docker/c0ffee/inner", "/docker/c0ffee/inner", []int{43}, "unknown"},
		{"a victim in a cgroup inside", "/docker/c0ffee", "/docker/c0ffee/inner", []int{7, 43}, "unknown"},
	} {
		k := pastKill(0, 43, c.tasks...)
		k.LimitOf, k.Cgroup = c.limit, c.group
		got := "unknown"
		if first := l.choseMainProcess(k); first != nil {
			got = map[bool]string{true: "yes", false: "no"}[*first]
		}
		if got != c.want {
			t.Errorf("%s: %s, wanted %s", c.name, got, c.want)
		}
	}
}

// TestSuppressedKills checks when the kernel may have left out kills: between the tenth and five seconds after the first.
func TestSuppressedKills(t *testing.T) {
	every := func(length time.Duration, n int) (all []cgroupfs.PastKill) {
		for i := range n {
			all = append(all, cgroupfs.PastKill{At: at(0).Add(time.Duration(i) * length)})
		}
		return all
	}
	for _, c := range []struct {
		name  string
		kills []cgroupfs.PastKill
		from  int
		want  int
	}{
		{"none", nil, 0, 0},
		{"nine at once", every(time.Millisecond, 9), 0, 0},
		{"ten at once", every(time.Millisecond, 10), 0, 1},
		{"ten, one a second", every(time.Second, 10), 0, 0},
		{"ten at once, before --since", every(time.Millisecond, 10), 60_000, 0},
	} {
		got := suppressedKills(c.kills, at(c.from))
		if len(got) != c.want || c.want == 1 && (!got[0].from.Equal(at(9)) || !got[0].to.Equal(at(5000))) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
