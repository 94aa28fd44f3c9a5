package doctor

import (
	"errors"
	"io/fs"

	"haltscope/cgroupfs/socket"
	"haltscope/cgroupfs/trace"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/value"
)

// handles checks pidfd_open(2), which exists since Linux 5.3.
func (f *Facts) handles() document.Condition {
	const name = "process handles"
	const means = "compare, check and predict --verify do not work. How and when a main process ends is known only from Docker."
	switch {
	case f.HandleErr == nil:
		return ok(name, "pidfd_open")
	case errors.Is(f.HandleErr, fs.ErrPermission):
		return limits(name, "forbidden, perhaps by a seccomp profile: "+fault.Line(f.HandleErr), means, onHost, inContainer)
	}
	return limits(name, "none: "+fault.Line(f.HandleErr), means, "boot Linux 5.3 or later")
}

// processConnector checks whether the kernel reports births and ends of processes as they happen. Source: drivers/connector/cn_proc.c,
// which ignores requests from outside of the initial namespaces; CONFIG_PROC_EVENTS.
func (f *Facts) processConnector() document.Condition {
	const name = "process connector"
	const means = "check may overlook a process that is born and killed within 10 ms and, before Linux 6.15, does not know how processes " +
		"other than the first ended."
	switch {
	case f.TraceErr == nil:
		return ok(name, "reports births and ends")
	case errors.Is(f.TraceErr, fs.ErrPermission):
		return limits(name, "forbidden: "+fault.Line(f.TraceErr), means, onHost, "or in the container: --privileged, or --cap-add NET_ADMIN")
	}
	return limits(name, "none: "+fault.Line(f.TraceErr), means,
		"run haltscope on the host, or in a container with --pid host --network host; the kernel needs CONFIG_PROC_EVENTS")
}

// signalSenders checks whether the kernel reports who sends signals. Source: perf_event_open(2); include/trace/events/signal.h.
func (f *Facts) signalSenders() document.Condition {
	const name = "signal senders"
	const means = "watch does not say who sent a signal and, before Linux 6.15, cannot tell SIGKILL from a program's own exit code 137."
	var unsupported *trace.UnsupportedError
	switch {
	case f.SenderErr == nil:
		return ok(name, "reported by perf events")
	case errors.As(f.SenderErr, &unsupported):
		return limits(name, "not reported: "+fault.Line(f.SenderErr), means, onHost,
			"or in a container: --pid host --cap-add PERFMON --security-opt seccomp=unconfined -v /sys/kernel/tracing:/sys/kernel/tracing:ro",
			"where tracefs is missing: mount -t tracefs tracefs /sys/kernel/tracing")
	}
	return unknown(name, fault.Line(f.SenderErr))
}

// socketClients checks whether the kernel lists the clients of Docker's socket. Source: sock_diag(7); net/unix/diag.c.
func (f *Facts) socketClients() document.Condition {
	const name = "docker's clients"
	const means = "watch does not say who asked Docker to stop or kill a container."
	var notHere *socket.NotListeningError
	switch {
	case f.ClientErr == nil:
		return ok(name, "listed by the kernel")
	case !f.local():
		return limits(name, "not known: the daemon is reached over a network, "+f.address(), means,
			"docker context use default; unset DOCKER_HOST")
	case errors.Is(f.ClientErr, fs.ErrNotExist):
		return limits(name, "not listed: "+fault.Line(f.ClientErr), means, "modprobe unix_diag; the kernel needs CONFIG_UNIX_DIAG",
			"or, if the socket is missing: systemctl start docker")
	case errors.As(f.ClientErr, &notHere):
		return limits(name, "not listed: "+fault.Line(f.ClientErr), means, onHost, "or in a container: --network host --pid host")
	}
	return unknown(name, fault.Line(f.ClientErr))
}

// waitStatus checks whether the kernel keeps the wait status of ended processes. Source: include/uapi/linux/pidfd.h,
// PIDFD_INFO_EXIT, since Linux 6.15.
func (f *Facts) waitStatus() document.Condition {
	const name = "how processes end"
	newer, parsed := value.VersionAtLeast(f.Kernel, "6.15")
	switch {
	case !parsed:
		return unknown(name, "not known: the kernel's version "+f.Kernel+" could not be parsed")
	case newer:
		return ok(name, "kept by the kernel, %s", f.Kernel)
	}
	means := "watch cannot tell a signal from a program's own exit code of 128 + signal: its verdicts rest on other evidence."
	if f.SenderErr == nil {
		means = "watch tells SIGKILL from a program's own exit code 137 by its sender, but no other signal from a code of 128 + signal."
	}
	return limits(name, "not kept by the kernel, "+f.Kernel, means, "boot Linux 6.15 or later")
}
