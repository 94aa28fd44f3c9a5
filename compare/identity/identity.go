// Package identity reads who a process is: its name, its user, the container or the unit that it runs in, and what started it.
//
// A process that sends a signal or asks Docker for something may live for only a millisecond. So [Reader.Read] reads everything at
// once, and says for each missing part why it is missing.
package identity

import (
	"errors"
	"fmt"
	"os/user"
	"regexp"
	"slices"
	"strconv"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/value"
)

// Reader reads who processes are. It is for one goroutine.
type Reader struct {
	kernel *cgroupfs.Host
	name   func(id string) string
	users  map[int]string // names by number; "" for a user without one
}

// NewReader returns a reader. The function returns the name of a container by its full id, or "" if it is not known; it may be nil.
func NewReader(kernel *cgroupfs.Host, name func(id string) string) *Reader {
	return &Reader{kernel: kernel, name: name, users: map[int]string{}}
}

const (
	mostParents = 8
	mostUsers   = 1024
)

// Read returns who a process is. What it cannot read is absent, with the reason: a process may end, and its PID go to another one,
// while it is read.
func (r *Reader) Read(pid int) document.Actor {
	a, _, err := r.read(pid)
	if err != nil {
		known := a.Command
		if a = unread(pid, err); known.Reason() == "" {
			a.Command = known
		}
	}
	return a
}

// read returns who a process is. If there is an error, at most the name is known.
func (r *Reader) read(pid int) (document.Actor, proc.Stat, error) {
	stat, err := proc.ReadStat(pid)
	if err != nil {
		return document.Actor{}, stat, err
	}
	a := document.Actor{PID: pid, Command: value.Known(command(stat))}
	r.readUser(&a)
	a.Container, a.Unit = r.place(pid)
	a.Parents = r.parents(stat)
	// What was read after it had ended may belong to another process. Its name was read with its start time.
	return a, stat, stat.ID().Check()
}

// unread returns an actor with only its PID.
func unread(pid int, err error) document.Actor {
	reason, detail := value.Failed, err.Error()
	if errors.Is(err, proc.ErrNoProcess) {
		reason, detail = value.Vanished, "it had ended before it could be read"
	}
	none := value.Absent[string](reason, detail)
	return document.Actor{PID: pid, Command: none, User: none, LoginUser: none, Session: none, Container: none, Unit: none,
		Parents: []document.ActorParent{}}
}

// plainWord matches an argument that may be shown: the name of a subcommand, and no secret, number or path.
var plainWord = regexp.MustCompile(`^[a-z][a-z-]{1,19}$`)

// command returns the name of a process, and its first argument if that is a plain word: "docker stop".
func command(stat proc.Stat) string {
	name := value.Clean(stat.Comm)
	arguments, state := proc.Cmdline(stat.PID)
	if state == figure.Present && len(arguments) > 1 && plainWord.MatchString(arguments[1]) {
		name += " " + arguments[1]
	}
	return name
}

// readUser reads the user of a process, and the login that it descends from.
func (r *Reader) readUser(a *document.Actor) {
	status, err := proc.ReadStatus(a.PID)
	switch {
	case errors.Is(err, proc.ErrNoProcess):
		a.User = value.Absent[string](value.Vanished, "it had ended before it could be read")
	case err != nil:
		a.User = value.Absent[string](value.Failed, err.Error())
	case status.UID < 0:
		a.User = value.Absent[string](value.Unsupported, "/proc/PID/status does not name it")
	default:
		a.User = value.Known(r.userName(status.UID))
	}
	const noLogin = "it does not descend from a login that the kernel's audit knows"
	login := proc.ReadLoginUID(a.PID)
	if uid, ok := login.Value(); ok {
		a.LoginUser = value.Known(r.userName(int(uid)))
	} else {
		a.LoginUser = absent(login, noLogin)
	}
	session := proc.ReadSessionID(a.PID)
	if number, ok := session.Value(); ok {
		a.Session = value.Known(strconv.FormatUint(number, 10))
	} else {
		a.Session = absent(session, noLogin)
	}
}

// absent returns why a figure is missing.
func absent(f figure.Figure, unsupported string) value.Maybe[string] {
	reason, detail, _ := figures.Number(f).Missing()
	if f.State() == figure.Unsupported {
		detail = unsupported
	}
	return value.Absent[string](reason, detail)
}

// userName returns the host's name of a user, or its number if it has none.
func (r *Reader) userName(uid int) string {
	name, known := r.users[uid]
	if !known {
		if found, err := user.LookupId(strconv.Itoa(uid)); err == nil { // else it has no name
			name = value.Clean(found.Username)
		}
		if len(r.users) >= mostUsers {
			clear(r.users)
		}
		r.users[uid] = name
	}
	if name == "" {
		return strconv.Itoa(uid)
	}
	return name
}

// place returns the container or the unit that a process runs in.
func (r *Reader) place(pid int) (container, unit value.Maybe[string]) {
	if r.kernel == nil {
		none := value.Absent[string](value.Unsupported, "no cgroup file system is mounted")
		return none, none
	}
	id, err := r.kernel.ContainerOf(pid)
	if err != nil {
		none := unread(pid, err)
		return none.Container, none.Unit
	}
	if id != "" {
		return value.Known(r.containerName(id)), value.Absent[string](value.Unsupported, "it runs in a container")
	}
	container = value.Absent[string](value.Unsupported, "it runs in no container")
	switch name, err := r.kernel.UnitOf(pid); {
	case err != nil:
		return container, unread(pid, err).Unit
	case name == "":
		return container, value.Absent[string](value.Unsupported, "it is in no unit of systemd")
	default:
		return container, value.Known(value.Clean(name))
	}
}

func (r *Reader) containerName(id string) string {
	if r.name != nil {
		if name := r.name(id); name != "" {
			return value.Clean(name)
		}
	}
	return id
}

// loginPrograms lists the programs at which a chain of parents ends on the host: they start sessions and services for others.
var loginPrograms = []string{"systemd", "init", "sshd", "sshd-session", "login", "cron", "crond"}

// parents returns the parents of a process: up to the first process of its PID namespace, or to a program that starts the sessions
// and services of others.
func (r *Reader) parents(stat proc.Stat) []document.ActorParent {
	all := []document.ActorParent{}
	for len(all) < mostParents && stat.PPID > 1 && !leadsNamespace(stat.PID) {
		parent, err := proc.ReadStat(stat.PPID)
		if err != nil {
			reason := unread(stat.PPID, err).Command
			return append(all, document.ActorParent{PID: stat.PPID, Command: reason})
		}
		all = append(all, document.ActorParent{PID: parent.PID, Command: value.Known(value.Clean(parent.Comm))})
		if slices.Contains(loginPrograms, parent.Comm) {
			break
		}
		stat = parent
	}
	return all
}

// leadsNamespace reports whether a process is the first one in a container's PID namespace. Its parent is the container's shim.
func leadsNamespace(pid int) bool {
	status, err := proc.ReadStatus(pid)
	return err == nil && status.NamespaceInit() // else it has ended, and so has the chain
}

// Process names a process that ended before it could be read, by the name that the kernel gave.
func Process(pid int, name string) document.Actor {
	a := unread(pid, fmt.Errorf("process %d: %w", pid, proc.ErrNoProcess))
	if name != "" {
		a.Command = value.Known(value.Clean(name))
	}
	return a
}
