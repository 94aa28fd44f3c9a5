package verdict

import (
	"testing"
	"time"
)

// reboot(2) ends a PID namespace with signal 9, and has wait(2) report signal 1 or 2 (facts recorded from busybox init, kernel
// 6.18: the pidfd says 9, a zombie's /proc/PID/stat 1, docker inspect 129; and from openrc-init, which calls reboot(2) itself: the
// pidfd says that it returned 0, docker inspect 130).
func TestReboot(t *testing.T) {
	own := func(f Facts) Facts {
		f.NamespaceInit = true
		return f
	}
	boots := &SignalTarget{PID: 42, Name: "init", Accepts: "by sigwait", NamespaceInit: true}
	init := process(42, 0, "init").waits().ended(2*time.Second, byKill(9))
	for _, c := range []struct {
		name    string
		facts   Facts
		want    Kind
		because string
	}{
		{"restart, stopped", own(stop(Facts{Events: with(kills(15), "die", "stop"), State: exited(129), Wait: byKill(9), Target: program})),
			Graceful, "reboot(2): restart"},
		{"power off, stopped", own(stop(Facts{Events: with(kills(15), "die", "stop"), State: exited(130), Wait: byKill(9), Target: program})),
			Graceful, "reboot(2): halt or power off"},
		{"seen as a zombie", own(stop(Facts{Events: with(kills(15), "die", "stop"), State: exited(129), Wait: byKill(1), Target: program})),
			Graceful, "reboot(2): restart"},
		{"seen by the kernel alone, as a zombie", own(Facts{State: &State{Status: "exited", ExitCode: 130, Source: WaitSource}, Wait: byKill(2)}),
			Exited, "reboot(2): halt or power off"},
		{"nobody asked", own(Facts{Events: with(nil, "die"), State: exited(129), Wait: byKill(9)}), Exited, "reboot(2): restart"},
		{"just before the SIGKILL of a stop", own(stop(Facts{Events: kills(15, 9), State: exited(129), Wait: byKill(9), Target: program})),
			Graceful, "reboot(2)"},
		{"another signal ended a first process that is no init", kill(1, Facts{Events: kills(1), State: exited(129), Wait: byKill(1),
			Target: guest}), Terminated, "default action"},
		{"by the first process itself, stopped", own(stop(Facts{Events: with(kills(15), "die", "stop"), State: exited(130), Wait: returned(0),
			Target: program})), Graceful, "reboot(2): halt or power off"},
		{"by the first process itself, nobody asked", own(Facts{Events: with(nil, "die"), State: exited(129), Wait: returned(0)}), Exited,
			"reboot(2): restart"},
		{"returned 0, and an exit code that is none of reboot's", own(stop(Facts{Events: kills(15), State: exited(3), Wait: returned(0),
			Target: program})), FailedStopping, "exit code 3"},
		{"returned 129", own(stop(Facts{Events: kills(15), State: exited(129), Wait: returned(129), Target: program})), FailedStopping,
			"catches signal 15"},
		{"an init returned 129 for its child, which signal 1 ended", own(stop(Facts{Events: kills(1), State: exited(129), Wait: returned(129),
			Target: &SignalTarget{PID: 50, Name: "dash", Init: "docker-init"},
			Ends:   &Ends{All: []Process{process(42, 0, "docker-init"), process(50, 42, "dash").defaults().ended(time.Second, byKill(1))}}})),
			Terminated, "whose default action ended it"},
		{"a program under the init ended by itself", own(stop(Facts{Events: with(kills(15), "die", "stop"), State: exited(129),
			Wait: byKill(9), Target: boots, Ends: &Ends{All: []Process{init, process(50, 42, "app").catches().ended(time.Second,
				returned(0))}}})), Graceful, "reboot(2): restart"},
		{"a signal of the init ended a program under it", own(stop(Facts{Events: with(kills(15), "die", "stop"), State: exited(129),
			Wait: byKill(9), Target: boots, Ends: &Ends{All: []Process{init, process(50, 42, "app").defaults().ended(time.Second,
				byKill(15))}}})), Terminated, "reboot(2): restart"},
		{"SIGKILL, and an exit code that is none of reboot's", own(Facts{State: exited(137), Wait: byKill(9), ReturnedAt: ptr(time.Second)}),
			Killed, "from outside"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := Judge(c.facts)
			if v.Kind != c.want {
				t.Errorf("%s, wanted %s; because %v", v.Kind, c.want, v.Because)
			}
			says(t, v, c.because)
		})
	}
}
