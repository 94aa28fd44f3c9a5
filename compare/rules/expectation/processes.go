package expectation

import (
	"fmt"
	"slices"
	"syscall"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// noSIGKILL decides whether SIGKILL ended the program or any other process of the container, whoever sent it. What the kernel kills at
// the end of the first process is the subject of [Expectations.NoOrphans].
func (s *Stop) noSIGKILL() (got string, pass value.Maybe[bool]) {
	code, ended := s.Run.State.ExitCode.Get()
	before, others := s.killed()
	oom := s.oom()
	switch {
	case s.programKilled():
		return "SIGKILL, " + string(s.Verdict.Kind), value.Known(false)
	case oom != "":
		return "SIGKILL from the OOM killer, " + oom, value.Known(false)
	case len(before) > 0:
		return "SIGKILL to " + named(before), value.Known(false)
	case !ended:
		return "no end was observed", s.notMet()
	case code == value.SignalExitCode(syscall.SIGKILL) && !s.Returned:
		return "exit code 137",
			value.Absent[bool](value.Failed,
				"whether the program returned 137, or a process outside Docker sent SIGKILL: "+verdict.NotReported)
	case len(others) > 0:
		return "SIGKILL to " + named(others),
			value.Absent[bool](value.Failed, "whether "+s.sweeper()+" killed "+named(others)+
				" at the end of the first process, or a process right before it")
	}
	return s.unlessMissed("none", s.unknown())
}

// noOrphans decides whether the first process was the last of the container's own processes to end.
func (s *Stop) noOrphans() (got string, pass value.Maybe[bool]) {
	if s.Ends == nil {
		return s.unlessMissed("", nil)
	}
	_, others := s.killed()
	others = slices.DeleteFunc(others, func(p verdict.Process) bool { return p.PID == s.Verdict.KilledPID })
	if left := append(others, s.Ends.Left()...); len(left) > 0 {
		if _, ended := s.Run.State.ExitCode.Get(); !ended {
			return "no end was observed", s.notMet()
		}
		return leftText(left), value.Known(false)
	}
	var unknown []verdict.Process
	for _, p := range s.unknown() {
		if !p.BeforeFirst { // else it was not left, however it ended
			unknown = append(unknown, p)
		}
	}
	return s.unlessMissed("none left", unknown)
}

// sharedNamespace reports whether the container is known to have no PID namespace of its own.
func (s *Stop) sharedNamespace() bool { return s.Predicted != nil && s.Predicted.PIDMode != "" }

// sweeper is who kills what is left at the end of the first process: the kernel, with the PID namespace, or containerd's shim.
func (s *Stop) sweeper() string {
	if s.sharedNamespace() {
		return "containerd's shim"
	}
	return "the kernel"
}

// leftText counts the processes that are left and names the first. Those that the kernel did not kill run on.
func leftText(left []verdict.Process) string {
	text := fmt.Sprintf("%d left: %s", len(left), named(left))
	if !slices.ContainsFunc(left, func(p verdict.Process) bool { return p.EndedAt != nil }) {
		text += ", runs on"
	}
	return text
}

func (s *Stop) killed() (before, others []verdict.Process) {
	if s.Ends == nil {
		return nil, nil
	}
	return s.Ends.Killed()
}

func (s *Stop) unknown() []verdict.Process {
	if s.Ends == nil {
		return nil
	}
	return s.Ends.Unknown()
}

// unlessMissed returns that an expectation of the container's processes is met, unless some were not observed.
func (s *Stop) unlessMissed(got string, unknown []verdict.Process) (string, value.Maybe[bool]) {
	switch {
	case s.Ends == nil:
		return "unknown", value.Absent[bool](value.NotMeasured, "the container's processes were not observed")
	case len(unknown) > 0:
		return "unknown", value.Absent[bool](value.Unsupported, "how "+named(unknown)+
			" ended: "+verdict.NotReported)
	case s.Ends.Missed != "":
		return "unknown", value.Absent[bool](value.Failed, s.Ends.Missed)
	}
	return got, value.Known(true)
}

// named names the first of some processes, and counts the others.
func named(all []verdict.Process) string {
	text := fmt.Sprintf("%s (process %d)", all[0].Name, all[0].PID)
	if more := len(all) - 1; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
