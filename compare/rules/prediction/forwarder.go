package prediction

import (
	"fmt"
	"slices"
	"time"

	"haltscope/compare/value"
)

// Forwarder is an init or a wrapper on the way from Docker to the signal target.
type Forwarder struct {
	Name    string // its key in [Inits]
	Process Process
	Options Options
}

// takes reports whether the forwarder takes a signal in order to pass it on.
func (w *Forwarder) takes(signal value.Signal) bool { return takes(w.Name, &w.Process, signal) }

// takes reports whether an init takes a signal in order to answer it or to pass it on, by what its masks show: the signal may act on the
// init itself, whatever its name is.
func takes(init string, p *Process, signal value.Signal) bool {
	if signal == value.SIGSTOP {
		return false // no program can catch it
	}
	switch disposition, _ := p.Disposition(signal, -1); disposition {
	case Accepted, Caught, Unknown:
		return true
	case Blocked, BlockedNow:
		return Inits[init].Waits
	}
	return false
}

// forwards returns the signal that the forwarder passes on in place of one that it takes; 0 for none.
func (w *Forwarder) forwards(signal value.Signal) value.Signal {
	init := Inits[w.Name]
	instead, rewritten := w.Options.Rewrites[signal]
	switch {
	case rewritten:
		return instead
	case slices.Contains(init.NotForwarded, signal):
		return 0
	case init.Relays != 0:
		return init.Relays
	}
	return signal
}

// killAfter returns how long after a signal the forwarder sends SIGKILL to what is left; 0 for never.
func (w *Forwarder) killAfter() time.Duration {
	if w.Options.KillAfter > 0 {
		return w.Options.KillAfter
	}
	return Inits[w.Name].KillAfter
}

// Killer returns the first init or wrapper that sends SIGKILL some time after a signal to the container, and that time; "" for none.
func (r *SignalTarget) Killer(sent value.Signal) (name string, after time.Duration) {
	for i := range r.Forwarders {
		if after := r.Forwarders[i].killAfter(); after > 0 {
			return r.Forwarders[i].Name, after
		}
	}
	if all := r.ToAll(sent); all != nil {
		return r.Supervisor, all.KillAfter
	}
	return "", 0
}

// returns returns the exit code of the forwarder after its child has ended with one; sent is the signal that the forwarder got.
func (w *Forwarder) returns(code int, sent value.Signal) int {
	if own := Inits[w.Name].exitCode; own != nil {
		code = own(w, code, sent)
	}
	if slices.Contains(w.Options.ZeroFor, code) {
		return 0
	}
	return code
}

// groupText says which processes besides its child a forwarder signals; "" for none.
func (w *Forwarder) groupText() string {
	from := ""
	if w.Options.From != "" {
		from = " (" + w.Options.From + ")"
	}
	switch {
	case w.Options.Group:
		return fmt.Sprintf("%s signals the whole process group of its child%s", w.Name, from)
	case w.Options.OwnGroup:
		return fmt.Sprintf("%s signals its own process group as well%s", w.Name, from)
	}
	return ""
}
