package value

// Verb is a docker command that changes the state of a container.
type Verb string

// The verbs.
const (
	Kill    Verb = "kill"
	Stop    Verb = "stop"
	Pause   Verb = "pause"
	Unpause Verb = "unpause"
	Start   Verb = "start"
	Restart Verb = "restart"
	Remove  Verb = "rm"
)

// Ends reports whether the verb is meant to end the first process of a container, or may.
func (v Verb) Ends() bool { return v == Kill || v == Remove || v.Stops() }

// Stops reports whether the verb sends a stop signal and waits for a grace before it sends SIGKILL.
func (v Verb) Stops() bool { return v == Stop || v == Restart }
