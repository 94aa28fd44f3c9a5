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

// stopsServices reports whether the signal target is a supervisor that ends on the signal, and that stops its services before.
func (f *Facts) stopsServices() bool {
	name := f.Target.Supervisor
	return slices.Contains(Inits[name].EndsOn, f.Target.Delivered(f.Signal)) && (name != "runsvdir" || f.Signal == value.SIGHUP)
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
