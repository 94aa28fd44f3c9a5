package prediction

import (
	"fmt"
	"strconv"
	"time"

	"haltscope/compare/value"
)

// PolicyOff is a signal of docker kill that has turned a restart policy off until the next start. Only Docker's events show it.
type PolicyOff struct {
	Policy string
	Signal value.Signal // 0 where it is not known
	At     time.Time
}

// String says it in a sentence.
func (p *PolicyOff) String() string {
	signal := "a signal"
	if p.Signal != 0 {
		signal = fmt.Sprintf("signal %d (%s)", p.Signal, value.SignalName(p.Signal))
	}
	return fmt.Sprintf("%s is off: Docker sent %s at %s, and takes it for a request to stop. However the program ends, Docker does not start "+
		"it again", p.Policy, signal, p.At.UTC().Format(time.RFC3339))
}

// PolicyOffSource is where a PolicyOff is known from.
const PolicyOffSource = "docker events: kill; moby daemon/kill.go"

// offConsequences are that the restart policy is off now.
func (f *Facts) offConsequences() []Evidence {
	switch {
	case f.PolicyOff != nil:
		return []Evidence{{PolicyOffSource, f.PolicyOff.String() + ", until it is started again (docker restart)"}}
	case f.PolicyOffError != "":
		return []Evidence{{"docker events", "whether " + f.RestartPolicy + " is off is not known: " + f.PolicyOffError}}
	}
	return nil
}

// DisabledPolicy returns the restart policy that a docker kill with a signal turns off, whether or not the signal ends anything;
// "" where it turns none off. stopSignal is the configured one; "" for none. Any kill turns off unless-stopped. SIGKILL and the stop
// signal, or any signal where none is configured, turn off the others. That lasts until the next start. A signal 0 is one that is
// not known. Source: moby daemon/kill.go, killWithSignal.
func DisabledPolicy(policy, stopSignal string, signal value.Signal) string {
	switch policy {
	case "unless-stopped":
		return policy
	case "always", "on-failure":
		if signal == value.SIGKILL || stopSignal == "" {
			return policy
		}
		if n, err := value.ParseStopSignal(stopSignal); err == nil && n == signal && signal != 0 {
			return policy
		}
	}
	return ""
}

// DisabledPolicy is [DisabledPolicy] of this container.
func (f *Facts) DisabledPolicy(signal value.Signal) string {
	stopSignal := ""
	if f.StopSignalSet {
		stopSignal = strconv.Itoa(int(f.ConfiguredSignal))
	}
	return DisabledPolicy(f.RestartPolicy, stopSignal, signal)
}

// DisabledPolicyConsequences are what else a docker kill does to a container that survives the signal; nil for nothing.
func (f *Facts) DisabledPolicyConsequences(signal value.Signal) []Evidence {
	policy := f.DisabledPolicy(signal)
	if policy == "" {
		return nil
	}
	return []Evidence{{policySource + "; moby daemon/kill.go", fmt.Sprintf(
		"%s: Docker treats the signal as a request to stop: if the container survives it, the policy does not restart it, however it ends, "+
			"until it is started again (docker restart)", policy)}}
}
