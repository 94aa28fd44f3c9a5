package prediction

import (
	"fmt"
	"strings"

	"haltscope/compare/value"
)

// Work is what a program is seen to be working on. A program that finishes its work before it ends may take longer than the
// grace.
type Work struct {
	Connections int      // established TCP connections to ports on which the program listens
	Ports       []uint16 // those ports
	Sessions    []string // what its processes call themselves, where that names a client
	Error       string   // why all this may be incomplete
}

// inProgress reports whether the program is seen to work for anybody.
func (w *Work) inProgress() bool { return w.Connections > 0 || len(w.Sessions) > 0 }

// noteWork notes what the program is seen to be working on.
func (f *Facts) noteWork(o *Outcome, p *Process) {
	w := &f.Work
	if w.Connections > 0 {
		ports := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(w.Ports)), ", "), "[]")
		o.note(fmt.Sprintf("/proc/%d/net/tcp, tcp6; fd", p.PID), "it has clients: %s to port %s",
			value.Count(w.Connections, "established connection", "established connections"), ports)
	}
	if n := len(w.Sessions); n > 0 {
		o.note("/proc/PID/cmdline", "%s for a client: %s", value.Count(n, "process works", "processes work"),
			strings.Join(w.Sessions[:min(n, maxNames)], "; "))
	}
	if w.Error != "" {
		o.note("/proc", "its clients are not all known: %s", w.Error)
	}
}

// noteTwin notes that a twin lacks what may decide how the stop of the container comes out.
func (f *Facts) noteTwin(o *Outcome) {
	if f.Twin && !f.Work.inProgress() {
		o.note("docker run", "a twin has no clients: with clients connected, the stop may come out otherwise")
	}
}
