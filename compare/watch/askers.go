package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/cgroupfs/socket"
	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/compare/identity"
	"haltscope/dockercli"
)

// askers reads which clients are connected to Docker's socket when Docker acts. It has a goroutine of its own, so that neither the tap nor
// the loop waits for it.
type askers struct {
	listener *socket.Listener // nil: see err
	err      error            // why nobody knows who asks
	path     string           // of the socket
	complete bool             // no client is left out: neither a container's by a filter, nor one that uses another address of the daemon
	wanted   chan wanted
	ended    chan struct{}
	queue    *queue
	reader   *identity.Reader

	mu     sync.Mutex
	spaces map[string]int // the PID of a process in the network namespace, by the container that has the socket mounted

	clients map[uint32]*socketClient // of the goroutine: by the inode of their end
}

// wanted is a container about whose action somebody wants to know who asked.
type wanted struct {
	id string
	at time.Time
}

// socketClient is a process that is connected to Docker's socket.
type socketClient struct {
	pid   int
	args  []string // nil if they are not known
	cut   bool     // args is not the whole command line
	dir   string   // its working directory; "" if that is not known
	actor *document.Actor
	own   bool // it is a child of this process, or this process itself
	since time.Time
}

// askedReading is which clients were connected at a time.
type askedReading struct {
	at      time.Time // when it was asked for
	taken   time.Time // when the connections were listed
	clients []*socketClient
	unowned int   // connections whose process was not found
	missed  bool  // a container's network namespace could not be asked
	err     error // why it failed; nil if it did not
}

const (
	// waitingAskers bounds how many requests wait for a reading. One reading answers all.
	waitingAskers = 256
	mostClients   = 128 // processes; each may have many connections
	// mostArgBytes bounds a command line: 16 KiB are 1,200 short ids of containers, or 250 long ones.
	mostArgBytes = 16 << 10
)

// followAskers makes it possible to read who asks.
func (w *watch) followAskers(ctx context.Context) {
	a := &askers{queue: w.queue, spaces: map[string]int{}, clients: map[uint32]*socketClient{}, wanted: make(chan wanted, waitingAskers),
		ended: make(chan struct{}), complete: len(w.Names) == 0 && len(w.Filter.Labels)+len(w.Filter.Images)+len(w.Filter.Containers) == 0}
	w.askers = a
	switch {
	case w.NoTrace:
		a.err = errNoTrace
		return
	case w.PastOnly:
		a.err = errors.New("only a watch that was running sees who asks Docker")
		return
	}
	path, err := host.LocalSocket(ctx, w.docker)
	if err == nil {
		a.path = path
		a.listener, err = socket.Open(path)
	}
	if err != nil {
		a.err, a.listener = err, nil
		w.Log.Warn().Err(err).Msg("cannot read who is connected to Docker; lines will not say who asked it (see: haltscope doctor)")
		return
	}
	if elsewhere, err := listensElsewhere(ctx, w.docker, path); err != nil || elsewhere {
		w.Log.Debug().Err(err).Msg("the daemon may have clients that are not connected to its local socket")
		a.complete = false
	}
	a.reader = identity.NewReader(w.kernel, func(id string) string { return w.senders.nameOf(id) })
	a.read(nil) // those that are connected already
	go a.run()
}

// listensElsewhere reports whether the daemon listens on anything but a local socket.
func listensElsewhere(ctx context.Context, docker host.Socket, path string) (bool, error) {
	arguments, err := host.DaemonArguments(ctx, docker)
	if err != nil {
		return false, err
	}
	hosts, err := dockercli.DaemonHosts(arguments)
	return slices.ContainsFunc(hosts, func(address string) bool { return !isSocket(address, path) }), err
}

// isSocket reports whether an address of the daemon is the local socket at a path. The socket that systemd passes is taken for it.
func isSocket(address, path string) bool {
	if strings.HasPrefix(address, "fd://") {
		return true
	}
	local, ok := strings.CutPrefix(address, "unix://")
	if local == "" {
		local = "/var/run/docker.sock"
	}
	return ok && resolved(local) == resolved(path)
}

// close ends the readings.
func (a *askers) close() error {
	if a.listener == nil {
		return nil
	}
	close(a.wanted)
	<-a.ended
	return a.listener.Close()
}

// look asks for a reading. It never blocks: if too many are waiting, who asked stays unknown.
func (a *askers) look(id string, now time.Time) {
	if a.listener == nil {
		return
	}
	select {
	case a.wanted <- wanted{id, now}:
	default:
		a.queue.put(item{key: id, at: now, asked: &askedReading{at: now, taken: now, err: errTooMany}})
	}
}

var (
	errTooMany        = errors.New("too many requests came at once")
	errTooManyClients = fmt.Errorf("more than %d processes are connected to Docker's socket", mostClients)
)

// mounts makes known whether a container has Docker's socket, and a process in its network namespace.
func (a *askers) mounts(id string, c *dockercli.Container, pid int) {
	// A socket that is mounted read-only takes connections all the same.
	hasSocket := func(m dockercli.Mount) bool { return m.Source != "" && within(a.path, m.Source) }
	if a.listener == nil || pid == 0 || !slices.ContainsFunc(c.Mounts, hasSocket) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.spaces[id] = pid
}

// within reports whether a path is a folder or in it. Both may go through symbolic links.
func within(path, folder string) bool {
	path, folder = resolved(path), resolved(folder)
	return path == folder || folder == "/" || strings.HasPrefix(path, folder+"/")
}

// resolved returns a path without symbolic links.
func resolved(p string) string {
	if r, err := filepath.EvalSymlinks(p); err == nil {
		return r
	}
	return filepath.Clean(p)
}

// remove forgets the network namespace of a container.
func (a *askers) remove(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.spaces, id)
}

// run takes readings until the channel is closed.
func (a *askers) run() {
	defer close(a.ended)
	for first := range a.wanted {
		all := []wanted{first}
		for more := true; more; {
			select {
			case next, ok := <-a.wanted:
				if more = ok; ok {
					all = append(all, next)
				}
			default:
				more = false
			}
		}
		spaces, missed := a.openSpaces()
		reading := a.read(spaces)
		reading.missed = reading.missed || missed
		for _, one := range all {
			own := reading
			own.at = one.at
			a.queue.put(item{key: one.id, at: one.at, asked: &own})
		}
	}
}

// openSpaces opens the network namespaces of the containers that have the socket. Those that have ended are left out; missed is whether
// one could not be opened for another reason.
func (a *askers) openSpaces() (open []*os.File, missed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, pid := range a.spaces {
		file, err := os.Open(proc.Folder(pid) + "/ns/net")
		switch {
		case err == nil:
			open = append(open, file)
		case !processGone(err):
			missed = true
		}
	}
	return open, missed
}

// processGone reports whether an error of opening a file of a process means that the process has ended.
func processGone(err error) bool { return errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) }

// read takes a reading, and closes the files.
func (a *askers) read(spaces []*os.File) (r askedReading) {
	ends, missed, err := a.listener.Clients(spaces)
	r.taken, r.missed = time.Now(), missed != nil
	for _, file := range spaces {
		file.Close()
	}
	if err != nil {
		r.err = err
		return r
	}
	slices.Sort(ends)
	ends = slices.Compact(ends) // containers may share a network namespace
	if r.err = a.readNew(ends, r.taken); r.err != nil {
		return r
	}
	known := map[*socketClient]bool{}
	for _, end := range ends {
		c := a.clients[end]
		switch {
		case c == nil:
			r.unowned++
		case !c.own && !known[c]:
			known[c] = true
			r.clients = append(r.clients, c)
		}
	}
	return r
}

// readNew reads the clients that are not known yet, and forgets those that are not connected any more.
func (a *askers) readNew(ends []uint32, now time.Time) error {
	var unknown []uint32
	for _, end := range ends {
		if a.clients[end] == nil {
			unknown = append(unknown, end)
		}
	}
	for end := range a.clients {
		if _, connected := slices.BinarySearch(ends, end); !connected {
			delete(a.clients, end)
		}
	}
	owners, err := socket.Owners(unknown)
	if err != nil {
		return err
	}
	return a.add(owners, now)
}

// add reads processes that are connected.
func (a *askers) add(owners []socket.Owner, now time.Time) error {
	known := map[int]bool{}
	for _, c := range a.clients {
		known[c.pid] = true
	}
	for _, o := range owners {
		if !known[o.PID] && len(known) >= mostClients {
			return errTooManyClients
		}
		known[o.PID] = true
		c := a.client(o.PID, now)
		for _, end := range o.Sockets {
			a.clients[end] = c
		}
	}
	return nil
}

// client reads a process that is connected.
func (a *askers) client(pid int, now time.Time) *socketClient {
	c := &socketClient{pid: pid, since: now, own: pid == os.Getpid(), dir: proc.Cwd(pid)}
	if arguments, state := proc.Cmdline(pid); state == figure.Present {
		c.args, c.cut = shortened(arguments)
	}
	actor := a.reader.Read(pid)
	c.actor = &actor
	c.own = c.own || len(actor.Parents) > 0 && actor.Parents[0].PID == os.Getpid()
	return c
}

// shortened bounds a command line. Cut is whether something is left out.
func shortened(arguments []string) (short []string, cut bool) {
	left := mostArgBytes
	for _, argument := range arguments {
		if left -= len(argument) + 1; left < 0 {
			return short, true
		}
		short = append(short, argument)
	}
	return short, false
}
