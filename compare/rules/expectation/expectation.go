package expectation

import (
	"cmp"
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

// Expectations is what a stop is expected to do. Fields that are not set expect nothing.
type Expectations struct {
	Within    *time.Duration // from the command to the end of the first process
	ExitCodes []int
	// UsualExitCode expects 0 or 128 + the stop signal, if ExitCodes is empty.
	UsualExitCode bool
	NoSIGKILL     bool
	Graceful      bool
	NoLoss        bool
	NoOrphans     bool
	Events        []string
}

// None reports whether nothing is expected.
func (e *Expectations) None() bool {
	return e.Within == nil && len(e.ExitCodes) == 0 && !e.UsualExitCode && !e.NoSIGKILL && !e.Graceful && !e.NoLoss && !e.NoOrphans &&
		len(e.Events) == 0
}

// Default is what is expected if the user names nothing: the program handles the signal and ends by itself within the grace, with a
// usual exit code; nothing sends SIGKILL to any process of the container, and no process is left when the first one ends.
func Default() Expectations {
	return Expectations{UsualExitCode: true, NoSIGKILL: true, Graceful: true, NoOrphans: true}
}

// Stop is what was observed of a docker stop.
type Stop struct {
	Verdict   verdict.Verdict
	Run       *document.Run
	Predicted *prediction.Facts // right before the stop
	Ends      *verdict.Ends     // how the container's processes ended; nil where nobody looked
	Unknown   string            // why it is not known what happened: docker gave no answer; "" if it is known
	Returned  bool              // the kernel says that the program returned its exit code: no signal ended it
}

// Judge judges each expectation. Pass is absent where what was observed does not decide it.
func (e *Expectations) Judge(s *Stop) []document.Expectation {
	all := []document.Expectation{}
	add := func(name, want, got string, pass value.Maybe[bool]) {
		got, pass = s.judgeEnd(name, got, pass)
		all = append(all, document.Expectation{Name: name, Want: want, Got: got, Pass: pass})
	}
	if e.Within != nil {
		got, pass := s.within(*e.Within)
		add("within", "at most "+value.Duration(value.Milliseconds(*e.Within)), got, pass)
	}
	if codes := e.exitCodes(s); len(codes) > 0 {
		want := join(codes, " or ")
		if len(e.ExitCodes) == 0 && s.Verdict.Reboot {
			want += ", or 129 or 130 by reboot(2)"
			codes = append(codes, verdict.RebootExitCodes()...)
		}
		got, pass := s.exitCode(codes)
		add("exit-code", want, got, pass)
	}
	if e.NoSIGKILL {
		got, pass := s.noSIGKILL()
		add("no-sigkill", "no SIGKILL", got, pass)
	}
	if e.Graceful {
		add("graceful", "graceful", string(s.Verdict.Kind), s.graceful())
	}
	if e.NoLoss {
		got, pass := none(s.Run.Data.Lost, value.Failed, "what happened to the records is unknown")
		add("no-loss", "no record lost", got, pass)
	}
	if e.NoOrphans {
		got, pass := s.noOrphans()
		add("no-orphans", "no process left to be killed", got, pass)
	}
	if len(e.Events) > 0 {
		got, pass := s.events(e.Events)
		add("events", strings.Join(e.Events, ","), got, pass)
	}
	return all
}

func (s *Stop) within(limit time.Duration) (got string, pass value.Maybe[bool]) {
	took, ok := s.Run.Timing.EffectMs.Get()
	if !ok {
		return "no end was observed", s.notMet()
	}
	return value.Duration(took), value.Known(took <= value.Milliseconds(limit))
}

func (s *Stop) exitCode(allowed []int) (got string, pass value.Maybe[bool]) {
	code, ok := s.Run.State.ExitCode.Get()
	if !ok {
		return "none", s.notMet()
	}
	return strconv.Itoa(code), value.Known(slices.Contains(allowed, code))
}

// exitCodes returns the exit codes that are expected; none where any code is.
func (e *Expectations) exitCodes(s *Stop) []int {
	if len(e.ExitCodes) > 0 || !e.UsualExitCode || s.Predicted == nil || s.Predicted.InvalidSignal() {
		return e.ExitCodes
	}
	return verdict.UsualExitCodes(s.Predicted.Signal, s.Predicted.Target.Delivered(s.Predicted.Signal))
}

// graceful decides whether the program, and not a wrapper in front of it, ended gracefully.
func (s *Stop) graceful() value.Maybe[bool] {
	_, ended := s.Run.State.ExitCode.Get()
	switch {
	case s.Verdict.Kind == verdict.Inconclusive && (ended || s.Unknown != ""):
		return value.Absent[bool](value.Failed, cmp.Or(s.Verdict.Missing, s.Unknown, "the verdict is inconclusive"))
	case s.Verdict.Kind == verdict.Graceful && s.Verdict.Doubt != "":
		return value.Absent[bool](value.Failed, s.Verdict.Doubt)
	}
	return value.Known(s.Verdict.Kind == verdict.Graceful)
}

// none decides whether a count is 0. The reason and the detail apply if it is absent.
func none(count value.Maybe[int], reason value.Reason, detail string) (got string, pass value.Maybe[bool]) {
	n, ok := count.Get()
	if !ok {
		return "unknown", value.Absent[bool](reason, detail)
	}
	return strconv.Itoa(n), value.Known(n == 0)
}

func (s *Stop) events(want []string) (got string, pass value.Maybe[bool]) {
	var seen []string
	for _, event := range s.Run.Events {
		seen = append(seen, event.Action)
	}
	same := slices.Equal(dieBeforeStop(want), dieBeforeStop(seen))
	if !same && s.Unknown != "" {
		return strings.Join(seen, ","), s.notMet()
	}
	return strings.Join(seen, ","), value.Known(same)
}

// dieBeforeStop puts die before stop where they are neighbors. Engines differ in their order, and that is no difference.
func dieBeforeStop(events []string) []string {
	all := slices.Clone(events)
	for i := 0; i+1 < len(all); i++ {
		if all[i] == "stop" && all[i+1] == "die" {
			all[i], all[i+1] = "die", "stop"
		}
	}
	return all
}

// notMet is the result of an expectation about an end that was not observed: it is not met if Docker says that the twin runs,
// and not decided if Docker gave no answer.
func (s *Stop) notMet() value.Maybe[bool] {
	if s.Unknown != "" {
		return value.Absent[bool](value.Failed, s.Unknown)
	}
	return value.Known(false)
}

// programKilled reports whether SIGKILL ended the program, whoever sent it.
func (s *Stop) programKilled() bool {
	return slices.Contains([]verdict.Kind{verdict.Forced, verdict.Killed, verdict.OOMKilled}, s.Verdict.Kind)
}

// oom is the evidence that the OOM killer ended a process of the container, which need not be the program; "" for none. The
// kernel's count begins with the command, Docker's account with the run.
func (s *Stop) oom() string {
	if n, ok := s.Run.Memory.OOMKills.Get(); ok && n > 0 {
		return fmt.Sprintf("oom_kill +%d", n)
	}
	if killed, ok := s.Run.State.OOMKilled.Get(); ok && killed {
		return "docker inspect: OOMKilled true"
	}
	if slices.ContainsFunc(s.Run.Events, func(e document.Event) bool { return e.Action == "oom" }) {
		return "docker events: oom"
	}
	return ""
}

func join(all []int, separator string) string {
	text := make([]string, len(all))
	for i, n := range all {
		text[i] = strconv.Itoa(n)
	}
	return strings.Join(text, separator)
}
