package target

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
)

// readWork reads what the signal target of a container is working on. Its workers run the same program. Other programs of the
// container have connections of their own, as Erlang's name server has to each of its nodes.
func readWork(p *prediction.Process, members []int) prediction.Work {
	w := prediction.Work{}
	if p == nil || p.Program == "" {
		return w
	}
	var workers []int
	for _, pid := range members {
		if proc.Exe(pid) == p.Program {
			workers = append(workers, pid)
		}
	}
	for _, pid := range workers {
		arguments, state := proc.Cmdline(pid)
		if title, ok := sessionTitle(arguments); ok && state == figure.Present {
			w.Sessions = append(w.Sessions, value.Clean(title))
		}
	}
	if proc.EstablishedTCP(p.PID).Is(0) {
		return w
	}
	sockets, err := proc.ReadTCP(p.PID)
	if err != nil {
		w.Error = err.Error()
		return w
	}
	established := toListeners(sockets)
	if len(established) == 0 {
		return w
	}
	held, err := heldSockets(workers)
	if err != nil {
		w.Error = err.Error()
	}
	for _, s := range established {
		if !held[s.Inode] {
			continue // of another container, or of another program
		}
		w.Connections++
		if !slices.Contains(w.Ports, s.LocalPort) {
			w.Ports = append(w.Ports, s.LocalPort)
		}
	}
	slices.Sort(w.Ports)
	return w
}

// toListeners returns the established connections whose local port somebody listens on: those that a client has opened.
func toListeners(sockets []proc.TCPSocket) (all []proc.TCPSocket) {
	listening := map[uint16]bool{}
	for _, s := range sockets {
		if s.State == proc.TCPListen {
			listening[s.LocalPort] = true
		}
	}
	for _, s := range sockets {
		if s.State == proc.TCPEstablished && listening[s.LocalPort] && s.Inode != 0 {
			all = append(all, s)
		}
	}
	return all
}

// heldSockets returns the inodes of all sockets that some processes hold. Processes that have ended are left out.
func heldSockets(pids []int) (map[uint64]bool, error) {
	all := map[uint64]bool{}
	var failed error
	for _, pid := range pids {
		held, err := proc.ReadSocketInodes(pid)
		if err != nil && !errors.Is(err, proc.ErrNoProcess) {
			failed = err
		}
		for inode := range held {
			all[inode] = true
		}
	}
	return all, failed
}

// client matches a client's address in a process title: that of a socket, as 127.0.0.1(34216), or [local].
var client = regexp.MustCompile(` (\[local\]|[0-9a-f.:]+\([0-9]+\))( |$)`)

// sessionTitle returns the title of a process that works for a client, such as
//
//	postgres: user database 127.0.0.1(34216) SELECT
//	postgres: 15/main: user database [local] idle
//
// Source: the PostgreSQL manual, "Standard Unix Tools" of monitoring.
func sessionTitle(arguments []string) (title string, ok bool) {
	if len(arguments) == 0 || !strings.HasPrefix(arguments[0], "postgres: ") {
		return "", false
	}
	title = strings.TrimSpace(arguments[0])
	return title, client.MatchString(title)
}
