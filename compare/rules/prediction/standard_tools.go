package prediction

import "slices"

// standardTools are programs of coreutils, procps and the like that containers are kept running with. Of busybox and toybox every
// program counts: see [Process.Applet].
var standardTools = []string{"cat", "dd", "head", "inotifywait", "nc", "nc.openbsd", "nc.traditional", "ncat", "ping", "sleep", "tail",
	"tee", "top", "uniq", "watch", "wc", "yes"}

// isStandardTool reports whether nobody will change the program so that it handles a signal: it is the system's, and not the user's own.
func (p *Process) isStandardTool() bool {
	return p.Applet != "" || slices.Contains(standardTools, p.Program)
}
