package prediction

import (
	"fmt"
	"slices"
	"time"

	"haltscope/compare/rules/verdict"
)

// Reboot is what becomes of a container when the machine is started again.
type Reboot struct {
	Kind    verdict.Kind // [ComesBack], [StaysDown] or [Undecided]
	Because []Evidence
}

// The kinds of a Reboot.
const (
	ComesBack verdict.Kind = "comes-back" // Docker starts it again
	StaysDown verdict.Kind = "stays-down"
)

// afterReboot decides what the daemon does with a running container when the machine is started again. While the daemon itself shuts down,
// it stops its containers without taking that for a request to stop. stop is what becomes of such a stop. Source: moby daemon/daemon.go,
// restore; restartmanager/restartmanager.go, ShouldRestart; daemon/kill.go, killWithSignal.
func (f *Facts) afterReboot(stop *Outcome) Reboot {
	decide := func(kind verdict.Kind, source, format string, args ...any) Reboot {
		return Reboot{kind, []Evidence{{source, fmt.Sprintf(format, args...)}}}
	}
	switch {
	case f.SwarmTask:
		return decide(Undecided, "docker inspect: Labels", "swarm runs it, and starts another one in its place, on this machine or on another")
	case f.AutoRemove:
		return decide(StaysDown, "docker inspect: AutoRemove", "--rm: Docker removes it")
	}
	switch f.RestartPolicy {
	case "always":
		return decide(ComesBack, policySource, "always: the daemon starts it again")
	case "unless-stopped":
		switch {
		case f.PolicyOff != nil:
			return decide(StaysDown, PolicyOffSource, "%s, until it is started again (docker restart)", f.PolicyOff)
		case f.ManuallyStopped != nil && *f.ManuallyStopped:
			return decide(StaysDown, manualStopSource, "unless-stopped: somebody has stopped it or sent it a signal, which turns the policy off "+
				"until it is started again (docker restart)")
		case f.ManuallyStopped != nil:
			return decide(ComesBack, manualStopSource, "unless-stopped, and nobody has stopped it: the daemon starts it again, unless "+
				"somebody stops it before")
		case f.PolicyOffError != "":
			return decide(Undecided, "docker events", "whether unless-stopped is off is not known: %s", f.PolicyOffError)
		case !f.PolicyOffSince.IsZero():
			return decide(ComesBack, policySource, "unless-stopped: the daemon starts it again, unless somebody stops it before, or docker kill "+
				"sent it a signal before %s, which Docker's events no longer show", f.PolicyOffSince.UTC().Format(time.RFC3339))
		}
		return decide(ComesBack, policySource, "unless-stopped: the daemon starts it again, unless somebody stops it before")
	case "on-failure":
		return f.afterRebootOnFailure(stop, decide)
	}
	return decide(StaysDown, policySource, "it has no restart policy")
}

// manualStopSource is the daemon's own file about a container.
const manualStopSource = "config.v2.json: HasBeenManuallyStopped"

// RebootBetweenRuns decides for a container that waits for its restart policy to start it again. Its last exit code counts.
func (f *Facts) RebootBetweenRuns(exitCode int) Reboot {
	return f.afterReboot(&Outcome{ExitCodes: []int{exitCode}})
}

// afterRebootOnFailure is afterReboot for the policy on-failure.
func (f *Facts) afterRebootOnFailure(stop *Outcome, decide func(verdict.Kind, string, string, ...any) Reboot) Reboot {
	switch used := f.MaxRetries > 0 && f.Restarts >= f.MaxRetries; {
	case used:
		return decide(StaysDown, policySource, "on-failure:%d: its retries are used up", f.MaxRetries)
	case stop.OwnExitCode || len(stop.ExitCodes) == 0 || slices.Contains(stop.ExitCodes, 0):
		return decide(Undecided, policySource, "on-failure: the daemon starts it again if it ends with a failure code")
	}
	return decide(ComesBack, policySource, "on-failure: it ends with a failure code, and the daemon starts it again")
}
