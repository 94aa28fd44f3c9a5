package socket

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Listener lists the clients of a local socket. It is for one goroutine.
type Listener struct {
	path string
	conn *netlink.Conn // to the kernel, in this process's network namespace
}

// Open returns a listener for the socket at a path. The error wraps [unix.ENOENT] where the kernel lacks CONFIG_UNIX_DIAG.
func Open(path string) (*Listener, error) {
	conn, err := openDiag(nil)
	if err != nil {
		return nil, fmt.Errorf("socket diagnosis: %w", err)
	}
	l := &Listener{path: path, conn: conn}
	if _, _, err := l.Clients(nil); err != nil {
		conn.Close()
		return nil, err
	}
	return l, nil
}

// Close closes the listener's connection to the kernel.
func (l *Listener) Close() error { return l.conn.Close() }

// NotListeningError means that nobody listens on the socket, in this network namespace.
type NotListeningError struct{ Path string }

func (e *NotListeningError) Error() string {
	return fmt.Sprintf("no process in this network namespace listens on %s", e.Path)
}

// Clients returns the clients' ends of the connections to the socket, by their inodes: see [Owners]. It finds a process in another
// network namespace only if that namespace is among spaces, files such as /proc/PID/ns/net. Missed says why a space could not be asked,
// which takes CAP_SYS_ADMIN; it is nil if all could.
func (l *Listener) Clients(spaces []*os.File) (ends []uint32, missed, err error) {
	all, err := list(l.conn)
	if err != nil {
		return nil, nil, fmt.Errorf("listing the clients of %s: %w", l.path, err)
	}
	file, ok, err := fileOf(l.path, all)
	if err != nil {
		return nil, nil, fmt.Errorf("listing the clients of %s: %w", l.path, err)
	}
	if !ok {
		return nil, nil, &NotListeningError{l.path}
	}
	ends = file.clients(all)
	for _, space := range spaces {
		all, err := listIn(space)
		if err != nil {
			missed = fmt.Errorf("listing the clients of %s in %s: %w", l.path, space.Name(), err)
		}
		ends = append(ends, file.clients(all)...)
	}
	return ends, missed, nil
}

// listIn returns the local sockets in a network namespace: see list.
func listIn(space *os.File) ([]unixSocket, error) {
	conn, err := openDiag(space)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return list(conn)
}

// bound is the file that a socket was bound to.
type bound struct{ node, dev uint32 }

// fileOf returns the file of the socket that listens at a path.
func fileOf(path string, all []unixSocket) (bound, bool, error) {
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		return bound{}, false, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return bound{}, false, err
	}
	device := unix.Major(stat.Dev)<<20 | unix.Minor(stat.Dev)
	for i := range all {
		s := &all[i]
		// On a file system such as btrfs or overlayfs, the kernel's device differs from that of stat(2). Then the name decides.
		sameFile := s.fileNode == uint32(stat.Ino) && (s.fileDev == device || s.name == path || s.name == resolved)
		if s.state == listening && sameFile {
			return bound{s.fileNode, s.fileDev}, true, nil
		}
	}
	return bound{}, false, nil
}

// clients returns the other ends of the connections that were accepted.
func (b bound) clients(all []unixSocket) (ends []uint32) {
	for i := range all {
		s := &all[i]
		if s.state == established && s.peer != 0 && (bound{s.fileNode, s.fileDev}) == b {
			ends = append(ends, s.peer)
		}
	}
	return ends
}
