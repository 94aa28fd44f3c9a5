package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
)

// errNoDaemonProcess means that the daemon's process was not found on this machine.
var errNoDaemonProcess = errors.New("the process of the daemon, dockerd, was not found")

// pidFile is where dockerd writes its PID by default.
const pidFile = "/run/docker.pid"

// DaemonArguments returns the command line of dockerd: see [DaemonProcess].
func DaemonArguments(ctx context.Context, docker Socket) ([]string, error) {
	_, arguments, err := DaemonProcess(ctx, docker)
	return arguments, err
}

// DaemonProcess returns the PID and the command line of dockerd: of the process that listens on docker's local socket or, if systemd
// listens for it, of the process in its PID file.
func DaemonProcess(ctx context.Context, docker Socket) (pid int, arguments []string, err error) {
	if pid, err = listener(ctx, docker); err != nil {
		return 0, nil, err
	}
	if arguments, err := dockerd(pid); err == nil {
		return pid, arguments, nil
	}
	data, err := os.ReadFile(pidFile)
	if err != nil {
		return 0, nil, errors.Join(errNoDaemonProcess, err)
	}
	if pid, err = strconv.Atoi(strings.TrimSpace(string(data))); err != nil {
		return 0, nil, errors.Join(errNoDaemonProcess, err)
	}
	if arguments, err = dockerd(pid); err != nil {
		return 0, nil, err
	}
	return pid, arguments, nil
}

// dockerd returns the command line of a process if it is dockerd.
func dockerd(pid int) ([]string, error) {
	arguments, state := proc.Cmdline(pid)
	switch {
	case state != figure.Present:
		return nil, fmt.Errorf("%w: the command line of process %d could not be read (%s)", errNoDaemonProcess, pid, state)
	case len(arguments) == 0 || filepath.Base(arguments[0]) != "dockerd":
		return nil, errNoDaemonProcess
	}
	return arguments, nil
}

// listener returns the PID of the process that listens on docker's local socket, as seen by the caller: 0 if it is not visible in this
// PID namespace. Source: unix(7), SO_PEERCRED.
func listener(ctx context.Context, docker Socket) (pid int, err error) {
	path, err := LocalSocket(ctx, docker)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, docker.CallTimeout())
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	var peer *unix.Ucred
	var peerErr error
	if err := raw.Control(func(fd uintptr) {
		peer, peerErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if peerErr != nil {
		return 0, peerErr
	}
	return int(peer.Pid), nil
}

// DaemonOutside reports whether the daemon's socket belongs to a process that is not visible in this PID namespace. It returns
// false if that cannot be known: the daemon is reached over a network, or there is none, as with podman.
func DaemonOutside(ctx context.Context, docker Socket) bool {
	pid, err := listener(ctx, docker)
	return err == nil && pid == 0
}
