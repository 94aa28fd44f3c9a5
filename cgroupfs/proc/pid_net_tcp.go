package proc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"haltscope/cgroupfs/figure"
)

// TCPState is the state of a TCP socket. Source: include/net/tcp_states.h.
type TCPState uint8

// The states that haltscope asks for.
const (
	TCPEstablished TCPState = 0x01
	TCPListen      TCPState = 0x0A
)

// TCPSocket is a TCP socket of a network namespace.
type TCPSocket struct {
	LocalPort uint16
	State     TCPState
	Inode     uint64 // of its descriptor; 0 for none, as before accept(2)
}

// ReadTCP returns the TCP sockets of a process's network namespace, over IPv4 and IPv6. The error wraps [ErrNoProcess] if there
// is no such process.
func ReadTCP(pid int) (all []TCPSocket, err error) {
	for _, file := range []string{"net/tcp", "net/tcp6"} {
		path := fmt.Sprintf("/proc/%d/%s", pid, file)
		data, state := figure.ReadFile(path)
		switch state {
		case figure.Present:
		case figure.Unsupported, figure.Vanished:
			// A kernel without IPv6 has no tcp6. There may also be no process.
			if _, err := ReadStat(pid); err != nil {
				return nil, err
			}
			continue
		default:
			return nil, fmt.Errorf("reading the TCP sockets of process %d: %s: %s", pid, path, state)
		}
		sockets, err := parseTCP(data)
		if err != nil {
			return nil, fmt.Errorf("reading the TCP sockets of process %d: %w", pid, err)
		}
		all = append(all, sockets...)
	}
	return all, nil
}

// parseTCP parses the sockets in a table whose first line names its columns. Addresses and states are hexadecimal, inodes
// decimal. Further columns follow.
//
//	sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//	 0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 197915 1 …
//
// Source: net/ipv4/tcp_ipv4.c, tcp4_seq_show; networking/proc_net_tcp.rst.
func parseTCP(data []byte) (all []TCPSocket, err error) {
	for line := range bytes.Lines(data) {
		socket, isSocket, ok := parseTCPLine(strings.Fields(string(line)))
		switch {
		case !ok:
			return nil, figure.Malformed("/proc/PID/net/tcp", line)
		case isSocket:
			all = append(all, socket)
		}
	}
	return all, nil
}

func parseTCPLine(fields []string) (socket TCPSocket, isSocket, ok bool) {
	if len(fields) > 0 && fields[0] == "sl" {
		return TCPSocket{}, false, true
	}
	if len(fields) < 10 || !strings.HasSuffix(fields[0], ":") {
		return TCPSocket{}, false, false
	}
	_, local, found := strings.Cut(fields[1], ":")
	port, err1 := strconv.ParseUint(local, 16, 16)
	state, err2 := strconv.ParseUint(fields[3], 16, 8)
	inode, ok := figure.ParseUint([]byte(fields[9])).Value()
	if !found || err1 != nil || err2 != nil || !ok {
		return TCPSocket{}, false, false
	}
	return TCPSocket{LocalPort: uint16(port), State: TCPState(state), Inode: inode}, true, true
}

// ReadSocketInodes returns the inodes of the sockets that a process holds. The error wraps [ErrNoProcess] if there is no such
// process.
func ReadSocketInodes(pid int) (map[uint64]bool, error) {
	path := fmt.Sprintf("/proc/%d/fd", pid)
	dir, err := os.Open(path)
	if err != nil {
		return nil, processError(pid, path, err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(maxFDs)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, processError(pid, path, err)
	}
	all := map[uint64]bool{}
	for _, name := range names {
		link, err := os.Readlink(path + "/" + name)
		if err != nil {
			continue // closed in the meantime
		}
		if inode, ok := parseSocketLink(link); ok {
			all[inode] = true
		}
	}
	return all, nil
}

// parseSocketLink parses what the link of a socket's descriptor says, such as
//
//	socket:[197915]
//
// Source: proc_pid_fd(5).
func parseSocketLink(link string) (inode uint64, ok bool) {
	digits, isSocket := strings.CutPrefix(link, "socket:[")
	digits, closed := strings.CutSuffix(digits, "]")
	if !isSocket || !closed {
		return 0, false
	}
	return figure.ParseUint([]byte(digits)).Value()
}
