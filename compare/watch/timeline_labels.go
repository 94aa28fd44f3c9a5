package watch

import (
	"haltscope/dockercli"
)

// labels are those of the container's labels that replace an attribute of its events. An event that has no such attribute of
// its own shows them.
type labels struct{ known, signal, exitCode bool }

// shown takes what an event shows of the labels.
func (l *Timeline) shown(n *dockercli.Notice) {
	if n.Action != "kill" && n.Action != "die" && !l.labels.known {
		l.labels = labels{known: true, signal: n.Signal != "", exitCode: n.ExitCode != ""}
	}
}

// hides reports whether a label may have replaced an attribute of the events. It may, as long as the labels are unknown.
func (l *Timeline) hides(key string) bool {
	switch {
	case l.container != nil:
		return l.container.Config.Labels.Has(key)
	case !l.labels.known:
		return true
	case key == "signal":
		return l.labels.signal
	}
	return l.labels.exitCode
}

// reveal takes the numbers of signals for what they are, where no label can have replaced them.
func (l *Timeline) reveal(i *run) {
	for n := range i.signals {
		if !l.hides("signal") {
			i.signals[n].signal = i.signals[n].raw
		}
	}
}
