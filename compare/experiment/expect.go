package experiment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Expectations is what a check holds a stop against. What is not set is not expected.
type Expectations struct {
	Within    *time.Duration // from the command to the end of the first process
	ExitCodes []int
	NoSIGKILL bool
	Graceful  bool
	NoLoss    bool
	NoOrphans bool
	Events    []string
}

// None reports whether nothing is expected.
func (e *Expectations) None() bool {
	return e.Within == nil && len(e.ExitCodes) == 0 && !e.NoSIGKILL && !e.Graceful && !e.NoLoss && !e.NoOrphans && len(e.Events) == 0
}

// Usual is what is expected where nothing else is: it ends by itself within the grace, and by its own doing.
func Usual() Expectations { return Expectations{NoSIGKILL: true, Graceful: true} }

// stopped is what became of a stop, as far as expectations go.
type stopped struct {
	verdict  verdict.Verdict
	run      *document.Run
	orphans  value.Maybe[int] // that were left to be killed
	foreseen *prediction.Facts
	unknown  string // why it is not known what became of the twin: docker gave no answer; "" where it did
	returned bool   // the kernel says that the program returned its exit code: no signal ended it
}

// notMet is of an expectation about an end that was not seen: it is not met where Docker says that the twin has not ended,
// and not judged where nobody says anything.
func (s *stopped) notMet() value.Maybe[bool] {
	if s.unknown != "" {
		return value.Absent[bool](value.Failed, s.unknown)
	}
	return value.Known(false)
}

// killed reports whether SIGKILL ended the program, whoever's it was.
func (s *stopped) killed() bool {
	return slices.Contains([]verdict.Kind{verdict.Forced, verdict.Killed, verdict.OOMKilled}, s.verdict.Kind)
}

// oom is what tells that the OOM killer has ended something in the container, which need not be the program; "" where
// nothing does. The kernel's count begins with the command, Docker's account with the run.
func (s *stopped) oom() string {
	if n, ok := s.run.Memory.OOMKills.Get(); ok && n > 0 {
		return fmt.Sprintf("oom_kill +%d", n)
	}
	if killed, ok := s.run.State.OOMKilled.Get(); ok && killed {
		return "docker inspect: OOMKilled true"
	}
	if slices.ContainsFunc(s.run.Events, func(e document.Event) bool { return e.Action == "oom" }) {
		return "docker events: oom"
	}
	return ""
}

// noSIGKILL says whether SIGKILL ended the program, or the OOM killer another process. What others of its processes were
// left to be killed is for [Expectations.NoOrphans].
func (s *stopped) noSIGKILL() (got string, pass value.Maybe[bool]) {
	code, ended := s.run.State.ExitCode.Get()
	oom := s.oom()
	switch {
	case s.killed():
		return "SIGKILL, " + string(s.verdict.Kind), value.Known(false)
	case oom != "":
		return "SIGKILL of the OOM killer, " + oom, value.Known(false)
	case !ended:
		return "no end was seen", s.notMet()
	case code == 128+sigkill && !s.returned:
		return "exit code 137", value.Absent[bool](value.Failed, "whether the program returned 137, or somebody outside Docker sent SIGKILL: Linux tells since 6.15, of a program behind an init never")
	}
	return "none", value.Known(true)
}

// hold holds what became of a stop against the expectations.
func (e *Expectations) hold(s *stopped) []document.Expectation {
	var all []document.Expectation
	add := func(name, want, got string, pass value.Maybe[bool]) {
		all = append(all, document.Expectation{Name: name, Want: want, Got: got, Pass: pass})
	}
	effect := s.run.Timing.EffectMs
	if e.Within != nil {
		took, ok := effect.Get()
		want := "at most " + value.Duration(value.Milliseconds(*e.Within))
		if ok {
			add("within", want, value.Duration(took), value.Known(took <= value.Milliseconds(*e.Within)))
		} else {
			add("within", want, "no end was seen", s.notMet())
		}
	}
	if len(e.ExitCodes) > 0 {
		var want []string
		for _, code := range e.ExitCodes {
			want = append(want, strconv.Itoa(code))
		}
		if code, ok := s.run.State.ExitCode.Get(); ok {
			add("exit-code", strings.Join(want, " or "), strconv.Itoa(code), value.Known(slices.Contains(e.ExitCodes, code)))
		} else {
			add("exit-code", strings.Join(want, " or "), "none", s.notMet())
		}
	}
	if e.NoSIGKILL {
		got, pass := s.noSIGKILL()
		add("no-sigkill", "no SIGKILL", got, pass)
	}
	if e.Graceful {
		got, pass := string(s.verdict.Kind), value.Known(s.verdict.Kind == verdict.Graceful)
		if _, ended := s.run.State.ExitCode.Get(); s.verdict.Kind == verdict.Inconclusive && (ended || s.unknown != "") {
			pass = value.Absent[bool](value.Failed, s.verdict.Missing)
		}
		add("graceful", "graceful", got, pass)
	}
	if e.NoLoss {
		if lost, ok := s.run.Data.Lost.Get(); ok {
			add("no-loss", "no record lost", strconv.Itoa(lost), value.Known(lost == 0))
		} else {
			add("no-loss", "no record lost", "not known", value.Absent[bool](value.Failed, "what became of the records is not known"))
		}
	}
	if e.NoOrphans {
		if n, ok := s.orphans.Get(); ok {
			add("no-orphans", "no process left to be killed", strconv.Itoa(n), value.Known(n == 0))
		} else {
			add("no-orphans", "no process left to be killed", "not known", value.Absent[bool](value.Unsupported, "how other processes than the first have ended is told by Linux 6.15 and later"))
		}
	}
	if len(e.Events) > 0 {
		var got []string
		for _, event := range s.run.Events {
			got = append(got, event.Action)
		}
		pass := value.Known(sameEvents(e.Events, got))
		if same, _ := pass.Get(); !same && s.unknown != "" {
			pass = s.notMet()
		}
		add("events", strings.Join(e.Events, ","), strings.Join(got, ","), pass)
	}
	return all
}

// sameEvents compares sequences. Engines differ in whether stop or die comes first: that is no difference.
func sameEvents(want, got []string) bool {
	return slices.Equal(settle(want), settle(got))
}

func settle(events []string) []string {
	all := slices.Clone(events)
	for i := 0; i+1 < len(all); i++ {
		if all[i] == "stop" && all[i+1] == "die" {
			all[i], all[i+1] = "die", "stop"
		}
	}
	return all
}

const moreMemory = "more memory (docker run --memory), or a shutdown that takes less"

// explainStop says in a line why a stop came to what it came to, and what to change.
func explainStop(s *stopped, e *Expectations, expectations []document.Expectation) (why string, advice []string) {
	failed := func(name string) bool {
		return slices.ContainsFunc(expectations, func(x document.Expectation) bool {
			pass, known := x.Pass.Get()
			return x.Name == name && known && !pass
		})
	}
	kind := s.verdict.Kind
	how := ""
	if p := s.foreseen.Receiver.For(s.foreseen.Signal); p != nil {
		if comes := s.foreseen.Receiver.Comes(s.foreseen.Signal); comes == 0 {
			how = "no signal comes to " + p.Name
		} else {
			_, because := p.Meets(comes, s.foreseen.Grace)
			how = because.Value
		}
	}
	bad := failed("within") || failed("exit-code") || s.killed() && failed("no-sigkill") || failed("graceful") || failed("no-loss") || failed("events")
	switch {
	case bad && kind == verdict.Forced && s.foreseen.Unsendable():
		why = s.foreseen.StopSignal() + " is no signal: none was sent, and SIGKILL ended it"
		advice = prediction.Advice(*s.foreseen, kind)
	case bad && kind == verdict.Forced:
		why = fmt.Sprintf("%s, and had not ended when the grace of %s ran out: SIGKILL", how, s.foreseen.Grace)
		advice = prediction.Advice(*s.foreseen, kind)
	case bad && kind == verdict.Terminated:
		why = how + ": it was ended, and nothing of the program ran"
		advice = prediction.Advice(*s.foreseen, kind)
	case bad && kind == verdict.Killed:
		why = "it was ended by SIGKILL"
		advice = prediction.Advice(*s.foreseen, kind)
	case bad && kind == verdict.OOMKilled:
		why, advice = "the OOM killer ended it while it shut down", []string{moreMemory}
	case failed("within"):
		why = fmt.Sprintf("it handles %s, and takes longer to end than that", prediction.Name(s.foreseen.Signal))
		advice = []string{"end sooner once the signal has come, or allow more time: --within"}
	case failed("no-loss"):
		why, advice = "it ended before all it had acknowledged was on disk", []string{"write what is buffered before it ends, or acknowledge it later"}
	case failed("exit-code"):
		why = fmt.Sprintf("it ended as %s, with a code of its own", kind)
		advice = []string{"end with one of the codes expected once the shutdown is done, or expect this one: --exit-code"}
	case failed("graceful"):
		why = fmt.Sprintf("what ended it: %s", kind)
	case failed("events"):
		why = "Docker told of another sequence"
	}
	if oom := s.oom(); failed("no-sigkill") && !s.killed() && oom != "" {
		if why != "" {
			why += "; "
		}
		why += "the OOM killer ended another process of the container (" + oom + ")"
		advice = append(advice, moreMemory)
	}
	if failed("no-orphans") {
		if why == "" {
			why = "the first process ended before the others: the kernel killed them with it"
		}
		advice = append(advice, prediction.OrphanAdvice(*s.foreseen))
	}
	return why, advice
}
