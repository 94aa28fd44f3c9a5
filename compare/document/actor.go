package document

import (
	"fmt"
	"strings"

	"haltscope/compare/value"
)

// Actor is a process that sent a signal, or asked Docker for something.
type Actor struct {
	PID       int                 `json:"pid"`        // in the initial PID namespace
	Command   value.Maybe[string] `json:"command"`    // its name, and its first argument if that is a plain word: docker stop
	User      value.Maybe[string] `json:"user"`       // whose rights it has, by name where the host has one, else by number
	LoginUser value.Maybe[string] `json:"login_user"` // who logged in, whatever user that became
	Session   value.Maybe[string] `json:"session"`    // of the login: /proc/PID/sessionid
	Container value.Maybe[string] `json:"container"`  // that it runs in: its name, or its id if the name is not known
	Unit      value.Maybe[string] `json:"unit"`       // systemd's, of a process outside of containers
	Parents   []ActorParent       `json:"parents"`    // its parent first, up to a container's first process, a service, or a login
}

// ActorParent is a process above an actor.
type ActorParent struct {
	PID     int                 `json:"pid"`
	Command value.Maybe[string] `json:"command"`
}

// Text names the actor as in "killed by ...". Without names, it gives only numbers.
func (a *Actor) Text(names bool) string {
	if !names {
		return fmt.Sprintf("a process (pid %d)%s", a.PID, a.place(false))
	}
	name, known := a.Command.Get()
	switch {
	case known:
	case a.Command.Reason() == value.Vanished:
		name = "a process that has ended"
	default:
		name = "a process"
	}
	about := []string{fmt.Sprintf("pid %d", a.PID)}
	user, hasUser := a.User.Get()
	if hasUser {
		about = append(about, "user "+user)
	}
	if login, ok := a.LoginUser.Get(); ok && login != user {
		about = append(about, "logged in as "+login)
	}
	if session, ok := a.Session.Get(); ok {
		about = append(about, "session "+session)
	}
	text := fmt.Sprintf("%s (%s)", name, strings.Join(about, ", "))
	if len(a.Parents) > 0 {
		if parent, ok := a.Parents[0].Command.Get(); ok {
			text += fmt.Sprintf(", started by %s (pid %d),", parent, a.Parents[0].PID)
		}
	}
	return strings.TrimSuffix(text+a.place(true), ",")
}

// place says where it runs, as far as that is known.
func (a *Actor) place(names bool) string {
	container, inContainer := a.Container.Get()
	unit, ofUnit := a.Unit.Get()
	switch {
	case inContainer && names:
		if isID(container) {
			container = value.ShortID(container)
		}
		return " in container " + container
	case inContainer:
		return " in a container"
	case ofUnit && names && !strings.HasPrefix(unit, "session-"):
		return " of unit " + unit
	case a.Container.Reason() == value.Unsupported:
		return " on the host"
	}
	return ""
}

// isID reports whether the name of a container is its full id, because the name is not known.
func isID(container string) bool {
	return len(container) == 64 && strings.Trim(container, "0123456789abcdef") == ""
}

// Redacted returns the actor without the names of programs, users, containers and units.
func (a *Actor) Redacted() *Actor {
	hidden := func(m value.Maybe[string]) value.Maybe[string] {
		if _, ok := m.Get(); ok {
			return value.Absent[string](value.NotMeasured, "hidden by --redact")
		}
		return m
	}
	r := *a
	for _, field := range []*value.Maybe[string]{&r.Command, &r.User, &r.LoginUser, &r.Container, &r.Unit} {
		*field = hidden(*field)
	}
	r.Parents = []ActorParent{}
	for _, p := range a.Parents {
		r.Parents = append(r.Parents, ActorParent{PID: p.PID, Command: hidden(p.Command)})
	}
	return &r
}
