package watch

import "haltscope/dockercli"

// labels are the container's labels that replace an attribute of its events. They show in events that have no such attribute
// of their own.
type labels struct{ known, signal, exitCode bool }

// learnLabels records which labels an event shows.
func (t *Timeline) learnLabels(n *dockercli.Event) {
	if n.Action != "kill" && n.Action != "die" && !t.labels.known {
		t.labels = labels{known: true, signal: n.Signal != "", exitCode: n.ExitCode != ""}
	}
}

// labelHides reports whether a label may have replaced an attribute of the events, which is so as long as the labels are unknown.
func (t *Timeline) labelHides(attribute string) bool {
	switch {
	case t.container != nil:
		return t.container.Config.Labels.Has(attribute)
	case !t.labels.known:
		return true
	case attribute == "signal":
		return t.labels.signal
	}
	return t.labels.exitCode
}

// revealSignals takes the events' signal numbers for true, unless a label may have replaced them.
func (t *Timeline) revealSignals(r *run) {
	if t.labelHides("signal") {
		return
	}
	for n := range r.signals {
		r.signals[n].signal = r.signals[n].raw
	}
}
