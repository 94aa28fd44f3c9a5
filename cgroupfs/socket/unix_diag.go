package socket

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// unixSocket is a local socket that the kernel lists.
type unixSocket struct {
	state    uint8
	inode    uint32
	peer     uint32 // inode of the other end; 0 if there is none, or if its process has closed it
	name     string // that it, or for an accepted connection the listener, was bound to; "" for none
	fileNode uint32 // inode and device of the file that it was bound to; 0 for none
	fileDev  uint32 // as the kernel counts: 20 bits for the minor number
}

// States of a socket. Source: include/net/tcp_states.h.
const (
	established = 1
	listening   = 10
)

// Source: include/uapi/linux/sock_diag.h and unix_diag.h.
const (
	byFamily = 20 // SOCK_DIAG_BY_FAMILY

	showName = 0x1 // UDIAG_SHOW_NAME
	showVFS  = 0x2 // UDIAG_SHOW_VFS
	showPeer = 0x4 // UDIAG_SHOW_PEER

	attrName = 0 // UNIX_DIAG_NAME
	attrVFS  = 1 // UNIX_DIAG_VFS: inode, device uint32
	attrPeer = 2 // UNIX_DIAG_PEER: inode uint32
)

// diagLimit bounds one listing.
const diagLimit = 2 * time.Second

// openDiag opens a socket that lists the local sockets of a network namespace; of this process's own if namespace is nil.
func openDiag(namespace *os.File) (*netlink.Conn, error) {
	config := &netlink.Config{}
	if namespace != nil {
		config.NetNS = int(namespace.Fd())
	}
	return netlink.Dial(unix.NETLINK_SOCK_DIAG, config)
}

// list returns the local sockets that listen or are connected. It needs CONFIG_UNIX_DIAG; where that is a module, the kernel loads it.
// Without it the error is ENOENT.
//
// Source: sock_diag(7); net/unix/diag.c. The kernel lists the sockets of one network namespace. An accepted connection is in that of
// the process that connected.
func list(conn *netlink.Conn) (all []unixSocket, err error) {
	if err := conn.SetDeadline(time.Now().Add(diagLimit)); err != nil {
		return nil, err
	}
	request := make([]byte, 24) // struct unix_diag_req
	request[0] = unix.AF_UNIX
	binary.NativeEndian.PutUint32(request[4:], 1<<established|1<<listening)
	binary.NativeEndian.PutUint32(request[12:], showName|showVFS|showPeer)
	messages, err := conn.Execute(netlink.Message{
		Header: netlink.Header{Type: byFamily, Flags: netlink.Request | netlink.Dump},
		Data:   request,
	})
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil, fmt.Errorf("this kernel lists no local sockets (CONFIG_UNIX_DIAG): %w", err)
	case err != nil:
		return nil, err
	}
	for _, m := range messages {
		s, err := parseUnixSocket(m.Data)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// errShort means that a message ends within what it describes.
var errShort = errors.New("a message of unix_diag is too short")

// parseUnixSocket parses a message, a struct unix_diag_msg and attributes, in the byte order of the machine:
//
//	{family, type, state, pad uint8; inode uint32; cookie [2]uint32}
//
// For example, the server's end of a connection to /run/docker.sock, on amd64:
//
//	01 01 01 00 | 75 6f 06 00 | 03 00 00 00 00 00 00 00 |
//	15 00 00 00 "/run/docker.sock\0" 00 00 00 | 0c 00 01 00 39 02 00 00 1a 00 00 00 | 08 00 02 00 81 b1 06 00
//
// Source: include/uapi/linux/unix_diag.h. Unknown attributes are skipped.
func parseUnixSocket(data []byte) (s unixSocket, err error) {
	if len(data) < 16 {
		return s, errShort
	}
	s.state, s.inode = data[2], binary.NativeEndian.Uint32(data[4:])
	attributes, err := netlink.NewAttributeDecoder(data[16:])
	if err != nil {
		return unixSocket{}, fmt.Errorf("attributes of unix_diag: %w", err)
	}
	for attributes.Next() {
		value := attributes.Bytes()
		switch attributes.Type() {
		case attrName:
			s.name = unix.ByteSliceToString(value)
			if len(value) > 0 && value[0] == 0 {
				s.name = "" // an abstract one has no file
			}
		case attrVFS:
			if len(value) < 8 {
				return unixSocket{}, errShort
			}
			s.fileNode, s.fileDev = binary.NativeEndian.Uint32(value), binary.NativeEndian.Uint32(value[4:])
		case attrPeer:
			if len(value) < 4 {
				return unixSocket{}, errShort
			}
			s.peer = binary.NativeEndian.Uint32(value)
		}
	}
	if err := attributes.Err(); err != nil {
		return unixSocket{}, fmt.Errorf("attributes of unix_diag: %w", err)
	}
	return s, nil
}
