package prediction

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/value"
)

// groupConsequences say what becomes of the processes that an init signals besides the signal target: they have until that ends.
func (f *Facts) groupConsequences() []Evidence {
	r := &f.Target
	p, arrives, stopped := r.follow(f.Signal)
	i := slices.IndexFunc(r.Forwarders, func(w Forwarder) bool { return w.groupText() != "" })
	if len(r.Group) == 0 || p == nil || arrives == 0 || stopped != nil || i < 0 {
		return nil
	}
	get, have, are := "get", "have", "are"
	if len(r.Group) == 1 {
		get, have, are = "gets", "has", "is"
	}
	text := fmt.Sprintf("%s. %s %s %s as well, %s time until %s has ended, and %s then killed with SIGKILL.", r.Forwarders[i].groupText(),
		strings.Join(listed(r.Group), ", "), get, value.SignalName(arrives), have, p.label(), are)
	return []Evidence{{"/proc/PID/stat: pgrp", text}}
}

// whyUnsignaled says why the inits and wrappers forward the signal to no other process than the signal target; "" where there are
// none, or nothing is known.
func (f *Facts) whyUnsignaled() string {
	r := &f.Target
	if f.PIDMode != "" || len(r.Forwarders) == 0 || r.Child == nil || !f.Target.First.NamespaceInit {
		return ""
	}
	w := &r.Forwarders[0]
	switch apart := slices.ContainsFunc(f.Unsignaled, func(m Member) bool { return m.Apart }); {
	case w.Options.Group && apart:
		return w.Name + " signals the process group of its child, and no process that has left it for a group or a session of its own"
	case w.Options.From != "":
		return fmt.Sprintf("%s signals its child only (%s)", w.Name, w.Options.From)
	}
	return w.Name + " signals its child only"
}

// groupAdvice says how the processes that an init does not signal can get the signal; "" where no init is known.
func (f *Facts) groupAdvice() string {
	r := &f.Target
	if len(r.Forwarders) == 0 {
		return ""
	}
	apart := len(f.Unsignaled) > 0 && !slices.ContainsFunc(f.Unsignaled, func(m Member) bool { return !m.Apart })
	switch w := &r.Forwarders[0]; {
	case apart:
		return "have the program end its children before it exits: they are in a process group or a session of their own (setsid, set -m), " +
			"which no init signals, neither tini -g nor dumb-init"
	case w.Name == "dumb-init" && w.Options.From != "":
		return fmt.Sprintf("remove %s: dumb-init then signals its child's whole process group", w.Options.From)
	case w.Options.Group:
		return "have the program end its children before it exits: they get the signal too, and are killed when it has ended"
	}
	return "have the program end its children before it exits; tini -g sends the signal to the whole process group"
}

// forwardingAdvice says what to change where an init does not forward the signal as it is; "" where it does, or where another signal
// than the stop signal is better.
func (f *Facts) forwardingAdvice() string {
	r := &f.Target
	signal := f.Signal
	for i := range r.Forwarders {
		w := &r.Forwarders[i]
		instead, rewritten := w.Options.Rewrites[signal]
		switch p := r.Process(); {
		case rewritten && instead == 0:
			return fmt.Sprintf("%s is configured to forward nothing instead of %s: remove --rewrite %d:0 from its arguments", w.Name,
				value.SignalName(signal), signal)
		case rewritten && f.handlesItself(p, signal):
			return fmt.Sprintf("%s forwards %s in place of %s, which %s handles: remove --rewrite %d:%d from its arguments", w.Name,
				value.SignalName(instead), value.SignalName(signal), p.label(), signal, instead)
		case w.forwards(signal) == 0:
			return fmt.Sprintf("%s does not forward %s: use another stop signal (STOPSIGNAL SIGTERM)", w.Name, value.SignalName(signal))
		}
		signal = w.forwards(signal)
	}
	return ""
}
