package prediction

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/value"
)

func firstEnded(p *Process) {
	p.FirstThreadEnded = true
	p.Threads = []proc.Thread{{TID: p.PID, State: 'Z'}, {TID: p.PID + 1, State: 'S', WaitKnown: true, NoTimeout: true}}
}

func below(pids ...int) func(*Facts) {
	return func(f *Facts) { f.FrozenBelow = []FrozenBelow{{Path: "/cg/in", Members: pids}} }
}

func fuse(server int) func(*Facts) {
	return func(f *Facts) {
		f.Stuck = []Stuck{{PID: 101, TID: 101, Name: "cat", Wchan: "request_wait_answer", Fuse: true, Server: server}}
	}
}

func full(f *Facts) {
	f.Tasks = Tasks{Current: ptr(uint64(20)), Limit: ptr(uint64(20)), Zombies: []Zombie{{ParentPID: 100, Parent: "app", Count: 19}}}
}

// What Docker cannot reach, or what a freeze that is not Docker's keeps from acting.
func TestPredictUnreached(t *testing.T) {
	child := first(plain, catches)
	child.PID = 101
	ended := first(plain, catches, firstEnded)
	ended.PID = 101
	for _, c := range []struct {
		name    string
		facts   Facts
		action  Action
		want    string // as text returns it
		codes   []int
		because string
		advice  string // of a stop
	}{
		{name: "first thread ended, stop", facts: facts(first(catches, firstEnded)), action: Action{Verb: value.Stop},
			want: "runs-on|forced", codes: []int{137}, because: "with code 137, 255 or, from Docker 26 on, 0", advice: "kill -TERM 100"},
		{name: "first thread ended, stop, INT", facts: facts(first(catches, firstEnded), signal(intr)), action: Action{Verb: value.Stop},
			want: "runs-on|forced", codes: []int{137}, because: "state Z", advice: "kill -INT 100"},
		{name: "first thread ended, kill", facts: facts(first(catches, firstEnded)), action: Action{Verb: value.Kill},
			want: "runs-on|killed", codes: []int{137}, because: "no signal reaches it", advice: "kill -TERM 100"},
		{name: "first thread ended, kill -s TERM", facts: facts(first(catches, firstEnded)),
			action: Action{Verb: value.Kill, Signal: term}, want: "runs-on", because: "reaches nothing", advice: "kill -TERM 100"},
		{name: "first thread ended, pause", facts: facts(first(catches, firstEnded)), action: Action{Verb: value.Pause},
			want: "refused", because: "state Z", advice: "kill -TERM 100"},
		{name: "first thread ended, under an init", facts: facts(first(program("tini")), underInit("tini", &ended)),
			action: Action{Verb: value.Stop}, want: "graceful|forced", codes: []int{137}, because: "app catches SIGTERM"},

		{name: "child frozen below on v1, kill", facts: facts(first(catches), v1, below(101)), action: Action{Verb: value.Kill},
			want: "runs-on|killed", codes: []int{137}, because: "not even SIGKILL", advice: "echo THAWED > /cg/in/freezer.state"},
		{name: "child frozen below on v1, stop", facts: facts(first(catches), v1, below(101)), action: Action{Verb: value.Stop},
			want: "runs-on|graceful|forced", codes: []int{137}, because: "process 101", advice: "echo THAWED > /cg/in/freezer.state"},
		{name: "child frozen below on v1, no PID namespace", facts: facts(first(catches, plain), v1, below(101)),
			action: Action{Verb: value.Kill}, want: "killed", codes: []int{137}, because: "SIGKILL"},
		{name: "first frozen below on v1, stop", facts: facts(first(catches), v1, below(100)), action: Action{Verb: value.Stop},
			want: "runs-on|forced", codes: []int{137}, because: "pending until a thaw", advice: "echo THAWED > /cg/in/freezer.state"},
		{name: "child frozen below on v2, kill", facts: facts(first(catches), below(101)), action: Action{Verb: value.Kill},
			want: "killed", codes: []int{137}, because: "SIGKILL"},
		{name: "child frozen below on v2, stop", facts: facts(first(catches), below(101)), action: Action{Verb: value.Stop},
			want: "graceful|forced", codes: []int{137}, because: "catches"},
		{name: "first frozen below on v2, stop", facts: facts(first(catches), below(100)), action: Action{Verb: value.Stop},
			want: "forced", codes: []int{137}, because: "pending until a thaw", advice: "echo 0 > /cg/in/cgroup.freeze"},
		{name: "first frozen below on v2, kill -s TERM", facts: facts(first(catches), below(100)),
			action: Action{Verb: value.Kill, Signal: term}, want: "runs-on", because: "pending until a thaw", advice: "echo 0 > "},
		{name: "frozen below on v2, default action", facts: facts(first(program("tini")), underInit("tini", ptr(first(plain))),
			below(100)), action: Action{Verb: value.Stop}, want: "terminated", codes: []int{143}, because: "ends a frozen process too"},

		{name: "frozen above, stop", facts: facts(first(catches), above, func(f *Facts) { f.FrozenBy = "/cg" }),
			action: Action{Verb: value.Stop}, want: "forced", codes: []int{137}, because: "not by Docker",
			advice: "echo 0 > /cg/cgroup.freeze"},
		{name: "a freeze that is not complete, pause", facts: facts(first(catches), func(f *Facts) { f.Requested = ptr(true) }),
			action: Action{Verb: value.Pause}, want: "refused", because: "both fail"},
		{name: "a freeze that is not complete, stop", facts: facts(first(catches), func(f *Facts) { f.Requested = ptr(true) }),
			action: Action{Verb: value.Stop}, want: "forced|graceful", codes: []int{137}, because: "a freeze is requested"},

		{name: "a FUSE client on v2, pause", facts: facts(first(catches), fuse(0)), action: Action{Verb: value.Pause},
			want: "freeze-incomplete|paused", because: "waits for the answer of a FUSE server"},
		{name: "a FUSE client and its server on v2, pause", facts: facts(first(catches), fuse(102)), action: Action{Verb: value.Pause},
			want: "freeze-incomplete|paused", because: "once the server, process 102 of the same container, is frozen"},
		{name: "a FUSE client on v1, pause", facts: facts(first(catches), v1, fuse(0)), action: Action{Verb: value.Pause},
			want: "refused|paused", because: "the runtime gives up"},
		{name: "a FUSE client, kill", facts: facts(first(catches), fuse(0)), action: Action{Verb: value.Kill},
			want: "killed|inconclusive", codes: []int{137}, because: "has not read its request yet"},
		{name: "above memory.high", facts: facts(first(catches), func(f *Facts) {
			f.OverHigh = &OverHigh{Current: 34 << 20, High: 32 << 20, By: "/cg"}
		}), action: Action{Verb: value.Stop}, want: "graceful|forced", codes: []int{137},
			because: "34 MiB are charged, and memory.high is 32 MiB", advice: "echo max > /cg/memory.high"},
		{name: "the pids limit is full", facts: facts(first(catches), full), action: Action{Verb: value.Stop},
			want: "graceful|forced", codes: []int{137}, because: "19 are zombies of app (100)", advice: "pids  0; reap  19"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := PredictAction(c.facts, c.action)
			if got := string(o.Kind); o.Kind == Undecided && kinds(o.Candidates) != c.want || o.Kind != Undecided && got != c.want {
				t.Errorf("%s %v", got, o.Candidates)
			}
			if !slices.Equal(o.ExitCodes, c.codes) {
				t.Errorf("exit codes %v", o.ExitCodes)
			}
			if said := fmt.Sprint(o.Because); !strings.Contains(said, c.because) {
				t.Error(said)
			}
			advice := ""
			for _, one := range Predict(c.facts).Advice {
				advice += fmt.Sprintf("%s %s %d; ", one.Change, one.Paste, one.Count)
			}
			if !strings.Contains(advice, c.advice) || c.advice != "" && strings.Contains(advice, string(MoreGrace)) {
				t.Errorf("advice %q", advice)
			}
		})
	}
}

func kinds(all []value.Kind) string {
	texts := make([]string, len(all))
	for i, k := range all {
		texts[i] = string(k)
	}
	return strings.Join(texts, "|")
}

// A thread that has ended decides nothing: neither its mask nor what it waited for.
func TestFirstThreadEndedDisposition(t *testing.T) {
	p := first(plain, firstEnded)
	p.Threads[1].Blocked = set(term)
	if got, _ := p.Disposition(term, time.Second); got != Blocked {
		t.Errorf("blocked by the only living thread: %v", got)
	}
	p.Threads[1].WaitsFor = ptr(set(term))
	if got, _ := p.Disposition(term, time.Second); got != Accepted {
		t.Errorf("awaited by a living thread: %v", got)
	}
	p.Threads[1].WaitsFor, p.Threads[1].State = nil, 'T'
	if !p.stopped() {
		t.Error("its living thread is stopped")
	}
}

// Containers that share the PID namespace are named as killed with the first process, and only if it is that namespace's first.
func TestSharers(t *testing.T) {
	share := func(f *Facts) { f.Sharers = []Sharer{{Name: "b", PIDs: []int{7}}, {Name: "c", PIDs: []int{8, 9}}} }
	if said := fmt.Sprint(Predict(facts(first(), share)).Consequences); !strings.Contains(said,
		"b (1 process), c (2 processes) share its PID namespace: when the first process ends, the kernel kills all of them") {
		t.Error(said)
	}
	guest := func(f *Facts) { f.PIDMode = "container:0123456789abcdef" }
	if said := fmt.Sprint(Predict(facts(first(plain), guest)).Consequences); !strings.Contains(said, "that of container 0123456789ab:") {
		t.Error(said)
	}
	if said := fmt.Sprint(Predict(facts(first(plain), share)).Consequences); strings.Contains(said, "share") {
		t.Error(said)
	}
	unread := func(f *Facts) { f.SharersError = "process 7: denied" }
	for name, all := range map[string][]func(*Facts){"none known": {unread}, "some known": {share, unread}} {
		said := fmt.Sprint(Predict(facts(first(), all...)).Consequences)
		if !strings.Contains(said, "other containers may share its PID namespace and be killed with it: process 7: denied") ||
			strings.Contains(said, "processes in the container are unknown") || strings.Contains(said, "b (1 process)") != (len(all) > 1) {
			t.Errorf("%s: %s", name, said)
		}
	}
}
