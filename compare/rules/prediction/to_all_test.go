package prediction

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
)

// TestSignalsAll checks the outcomes of inits that signal all processes as they end: what their services do with that signal decides,
// and how soon.
func TestSignalsAll(t *testing.T) {
	of := func(init string, s unix.Signal, change ...func(*Facts)) Facts {
		waits := func(f *Facts) {
			p := &f.Target.First
			p.Caught, p.Threads[0].WaitsFor = 0, ptr(^proc.SignalSet(0))
		}
		return facts(first(), append([]func(*Facts){underInit(init, nil), signal(s), waits}, change...)...)
	}
	actions := func(n int) func(*Facts) { return func(f *Facts) { f.Target.ShutdownActions = &n } }
	none := actions(0)
	reboots := func(f *Facts) { f.Target.First.CanReboot = true }
	old := func(f *Facts) { f.Target.First.Threads[0].WaitsFor, f.Target.First.Caught = nil, set(term) }
	handles, ends := under(&verdict.SignalTarget{Caught: true}, term), under(&verdict.SignalTarget{})
	ignores := under(&verdict.SignalTarget{Ignored: true})
	const bb = "busybox init"
	for _, c := range []struct {
		name  string
		facts Facts
		want  string
		codes []int
		says  string
	}{
		{"no service", of(bb, term, none), "graceful", []int{0}, "no shutdown action"},
		{"one that handles it", of(bb, term, none, handles), "graceful|killed", []int{0}, "whether db ends within 1s of SIGTERM"},
		{"one that does not", of(bb, term, none, ends), "terminated", []int{0}, "does not handle SIGTERM"},
		{"one that ignores it", of(bb, term, none, ignores), "killed", []int{0}, "does not take SIGTERM"},
		{"one that handles it, and one that does not", of(bb, term, none, handles, ends), "terminated|graceful|killed", []int{0}, ""},
		{"USR1", of(bb, unix.SIGUSR1, none, ends), "terminated", []int{0}, "does not handle SIGTERM"},
		{"PWR", of(bb, unix.SIGPWR, none, handles), "graceful|killed", []int{0}, ""},
		{"a Go program that has not asked", of(bb, term, none,
			under(&verdict.SignalTarget{Caught: true, CatchesAll: true, Runtime: "Go", AsksFor: ptr(false)})), "terminated", []int{0}, ""},
		{"nothing is known of it", of(bb, term, none, under(nil)), "terminated|graceful|killed", []int{0}, "may handle SIGTERM"},
		{"a short grace", of(bb, term, none, handles, grace(3*time.Second)), "forced", []int{137}, "takes 3s to end"},
		{"a grace with little room", of(bb, term, none, ends, grace(5*time.Second)), "terminated|forced", []int{0, 137}, "sync(2)"},
		{"no grace", of(bb, term, none, handles, grace(-1)), "graceful|killed", []int{0}, ""},
		{"a shutdown action", of(bb, term, actions(1), ends), "terminated|forced", []int{0, 137}, "to stop everything else"},
		{"no inittab", of(bb, term, handles), "graceful|killed|forced", []int{0, 137}, ""},
		{"it may reboot", of(bb, term, none, handles, reboots), "graceful|killed", []int{129, 130}, "reboot(2)"},
		{"before version 1.32", of(bb, term, none, ends, old), "terminated|forced", []int{0, 137}, ""},
		{"openrc-init", of("openrc-init", term, ends, reboots), "terminated|forced", []int{129, 130, 137}, "sends TERM to all"},
		{"openrc-init that may not reboot", of("openrc-init", term, ends), "forced", []int{137}, "no CAP_SYS_BOOT"},
	} {
		o := Predict(c.facts).Stop
		said := fmt.Sprint(o.Because, o.DecidedBy)
		if text(&o) != c.want || !slices.Equal(o.ExitCodes, c.codes) || o.OwnExitCode || !strings.Contains(said, c.says) {
			t.Errorf("%s: %s, %v; wanted %s, %v, %q; %s", c.name, text(&o), o.ExitCodes, c.want, c.codes, c.says, said)
		}
	}
}

// TestInTurn checks what is said of the processes that such an init signals, and who kills them.
func TestInTurn(t *testing.T) {
	f := facts(first(), underInit("busybox init", nil), func(f *Facts) { f.InTurn = []Member{{PID: 200, Name: "p0"}, {PID: 201, Name: "p1"}} })
	said := fmt.Sprint(Predict(f).Consequences)
	if want := "p0 (200), p1 (201) get it, have 1s to end, and are then killed"; !strings.Contains(said, want) {
		t.Errorf("%q in %s", want, said)
	}
	for s, want := range map[unix.Signal]string{term: "busybox init 1s SIGTERM", unix.SIGUSR1: "busybox init 1s SIGTERM", intr: " 0s SIGINT"} {
		name, after := f.Target.Killer(s)
		if got := fmt.Sprint(name, " ", after, " ", unix.SignalName(f.Target.Told(s))); got != want {
			t.Errorf("%s: %q, wanted %q", unix.SignalName(s), got, want)
		}
	}
}
