package target

import (
	"bytes"

	"haltscope/cgroupfs/proc"
)

// mostInittab is how many bytes of an inittab are read.
const mostInittab = 64 << 10

// readShutdownActions returns how many commands the inittab of busybox init has it run before it signals all processes; nil if that is
// not known: without an inittab it has actions of its own. It reads the file as it starts and on HUP only, so the file may have changed.
func readShutdownActions(pid int) *int {
	text, err := proc.ReadBelowRoot(pid, "/etc/inittab", mostInittab)
	if err != nil || len(text) == mostInittab {
		return nil
	}
	n := shutdownActions(text)
	return &n
}

// shutdownActions counts the shutdown actions in an inittab of busybox:
//
//	# id:runlevels:action:process
//	::sysinit:/etc/init.d/rcS
//	::shutdown:/sbin/swapoff -a
//
// Source: busybox init/init.c, parse_inittab.
func shutdownActions(text []byte) (n int) {
	for line := range bytes.Lines(text) {
		fields := bytes.SplitN(bytes.TrimSpace(line), []byte(":"), 4)
		if len(fields) == 4 && !bytes.HasPrefix(fields[0], []byte("#")) && string(fields[2]) == "shutdown" {
			n++
		}
	}
	return n
}
