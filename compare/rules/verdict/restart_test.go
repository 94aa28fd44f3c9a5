package verdict

import (
	"strings"
	"testing"
	"time"

	"haltscope/compare/value"
)

func TestJudgeRestart(t *testing.T) {
	second := time.Second
	grace := 10 * time.Second
	running := &State{Status: "running"}
	started := with(kills(15), "die", "stop", "start", "restart")
	before := func(state *State, events []Event) Facts {
		return Facts{Verb: "stop", Signal: 15, Grace: &grace, EndedAt: &second, Events: events, State: state, Target: program}
	}
	for _, c := range []struct {
		name            string
		before, now     Facts
		same            value.Maybe[bool]
		want, runBefore Kind
	}{
		{"ended, started again", before(exited(0), kills(15)), Facts{Events: started, State: running}, value.Known(false), Restarted, Graceful},
		{"the grace ran out", before(exited(137), kills(15, 9)), Facts{Events: started, State: running}, value.Known(false), Restarted, Forced},
		{"the same process", Facts{Verb: "stop", StateError: "the run before has not ended"}, Facts{CommandError: "timeout", State: running},
			value.Known(true), Inconclusive, Inconclusive},
		{"no process to look at", before(exited(0), kills(15)), Facts{Events: started, State: running}, value.Maybe[bool]{}, Inconclusive,
			Graceful},
		{"the process has ended", before(exited(0), kills(15)), Facts{Events: started, State: running},
			value.Absent[bool](value.Vanished, "gone"), Inconclusive, Graceful},
		{"the process could not be read", before(exited(0), kills(15)), Facts{Events: started, State: running},
			value.Absent[bool](value.Failed, "denied"), Inconclusive, Graceful},
		{"the new run failed at once", before(exited(0), kills(15)), Facts{Events: started, State: exited(3)}, value.Maybe[bool]{}, Crashed,
			Graceful},
		{"stopped, and not started again", before(exited(0), kills(15)), Facts{CommandError: "Cannot restart container", Events: kills(15),
			State: exited(0)}, value.Maybe[bool]{}, Graceful, Graceful},
		{"Docker says exited, and the program runs on", Facts{Verb: "stop", StateError: "the previous run has not ended", Alive: alive},
			Facts{CommandError: "id already in use", Events: with(kills(15, 9), "die"), State: exited(255), Alive: alive},
			value.Known(true), RunsOn, RunsOn},
		{"removed by another client", before(exited(0), kills(15)), Facts{Events: started}, value.Maybe[bool]{}, Removed, Graceful},
		{"inspect did not answer", before(exited(0), kills(15)), Facts{Events: started, StateError: "no answer"}, value.Maybe[bool]{},
			Inconclusive, Graceful},
		{"how it ended is not known", before(nil, kills(15)), Facts{Events: started, State: running}, value.Known(false), Restarted,
			Inconclusive},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.now.Verb = "restart"
			v, b := JudgeRestart(c.before, c.now, c.same)
			if v.Kind != c.want || b.Kind != c.runBefore {
				t.Errorf("%s after %s, wanted %s after %s; because %v and %v", v.Kind, b.Kind, c.want, c.runBefore, v.Because, b.Because)
			}
			if (v.Kind == Inconclusive) != (v.Missing != "") || (b.Kind == Inconclusive) != (b.Missing != "") {
				t.Errorf("missing: %q and %q", v.Missing, b.Missing)
			}
			if failed := c.same.Reason() == value.Failed; failed != strings.HasSuffix(v.Missing, "could not be read: denied") {
				t.Errorf("missing: %q", v.Missing)
			}
		})
	}
}

func TestJudgeRemoval(t *testing.T) {
	second := time.Second
	events := with(kills(9), "die", "destroy")
	v, b := JudgeRemoval(Facts{Verb: "kill", Signal: 9, EndedAt: &second, Events: events, State: exited(137)},
		Facts{Verb: "rm", Events: events})
	if v.Kind != Removed || b.Kind != Killed {
		t.Errorf("%s after %s; because %v and %v", v.Kind, b.Kind, v.Because, b.Because)
	}
	v, b = JudgeRemoval(Facts{Verb: "kill", Signal: 9, StateError: "the run before has not ended"},
		Facts{Verb: "rm", CommandError: "driver failed", State: &State{Status: "running"}, Freezer: &Freezer{Frozen: ptr(false)}})
	if v.Kind != Inconclusive || b.Kind != Inconclusive {
		t.Errorf("%s after %s; because %v and %v", v.Kind, b.Kind, v.Because, b.Because)
	}
}
