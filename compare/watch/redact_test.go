package watch

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/target"
)

// TestRedactPrograms checks that a redacted log names no program and changes no other word: a program's name may be part of a word,
// and may be anywhere in a sentence.
func TestRedactPrograms(t *testing.T) {
	thread := []proc.Thread{{TID: 43, WaitKnown: true}}
	const term = proc.SignalSet(1 << (unix.SIGTERM - 1))
	underInit := func(caught proc.SignalSet, rewrites map[unix.Signal]unix.Signal) step {
		return func(l *Timeline) {
			first := prediction.Process{PID: 42, Name: "dumb-init", NamespaceInit: true, Threads: thread, Caught: term}
			l.Dispositions(l.current.started, &target.Dispositions{First: first, Init: "dumb-init",
				Child:      &prediction.Process{PID: 43, Name: "ex", Caught: caught, Threads: thread},
				Forwarders: []prediction.Forwarder{{Name: "dumb-init", Process: first, Options: prediction.Options{Rewrites: rewrites}}}})
		}
	}
	for name, c := range map[string]struct {
		dispositions step
		want         string
	}{
		"handled": {underInit(term, nil), `"the program (under an init) catches signal 15"`},
		"not forwarded": {underInit(term, map[unix.Signal]unix.Signal{15: 0}),
			`"an init is configured not to forward signal 15 to the program: it ended for another reason"`},
		"the default": {underInit(0, nil), `"the program (under an init) did not catch signal 15, whose default action gives exit code 143"`},
	} {
		steps := []step{event(0, "start"), inspect(50, container("running", 0)), c.dispositions,
			event(1000, "kill", "signal=15"), event(1300, "die", "exitCode=0"), inspect(1400, container("exited", 0)), event(1500, "stop")}
		lines := play(NewTimeline("c0ffee", "web", false), steps...)
		var out bytes.Buffer
		if err := NewLog(&out, true).Write(&lines[len(lines)-1]); err != nil {
			t.Fatal(err)
		}
		got := out.String()
		if !strings.Contains(got, c.want) || !strings.Contains(got, `"exited, exit code 0"`) || strings.Contains(got, "dumb-init") ||
			strings.Contains(got, "web") {
			t.Errorf("%s: %s\nwanted %s", name, got, c.want)
		}
	}
}

// TestHostileName checks that a container's name cannot forge a line, or control a terminal.
func TestHostileName(t *testing.T) {
	lines := play(NewTimeline("c0ffee", "web\x1b[2J\n{\"forged\":1}", false), event(0, "start"), inspect(50, container("running", 0)))
	lines[0].Name = "web\x1b[2J\u202e\n{}"
	var out bytes.Buffer
	if err := NewLog(&out, false).Write(&lines[0]); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	if !strings.Contains(got, `"name":"web␛[2J<U+202E>␊{}"`) || strings.Contains(got, `\u001b`) || strings.Contains(got, `\n`) {
		t.Error(got)
	}
}

// TestRedactFaults checks that a redacted watch names no container when docker fails, in its lines and its own log.
func TestRedactFaults(t *testing.T) {
	w, written := runningWatch()
	var log, out bytes.Buffer
	w.Redact, w.Log = true, zerolog.New(&log)
	w.answer(answer{round: &round{kind: roundWanted}, err: errors.New("timeout")})
	w.handle(&item{malformed: errors.New(`docker events printed {"name":"web"`), at: at(1000)})
	lines := NewLog(&out, true)
	for _, line := range written() {
		if err := lines.Write(&line); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(log.String(), "c0ffee") || !strings.Contains(out.String(), "skipped") {
		t.Errorf("logged: %s\nwritten: %s", log.String(), out.String())
	}
	if strings.Contains(log.String()+out.String(), "web") {
		t.Errorf("the container's name is in %s\nor in %s", log.String(), out.String())
	}
}

// TestRedactBelow checks that a redacted log has no path of a frozen cgroup below a container's: a program or a user may have named it.
func TestRedactBelow(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	var all []Line
	for _, s := range append(startedRun(), held, event(1000, "kill", "signal=9"), foundBelow(2500, 2, "/cg/alice", "/cg/billing job")) {
		s(l)
	}
	all = append(all, l.Lines(at(100_000))...)
	foundBelow(101_000, 2)(l)
	all = append(all, l.Lines(at(102_000))...)
	var out bytes.Buffer
	log := NewLog(&out, true)
	for _, line := range all {
		if err := log.Write(&line); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{`: cgroups below its own are frozen: pid 43, pid 44. Their processes act on no signal but SIGKILL"`,
		`it has not ended yet: 2 cgroups, below its cgroup, are frozen"`, `: cgroups below its own are no longer frozen: pid 43, pid 44`,
		`"value":"pid 43"`, `"value":"no longer frozen: pid 43, pid 44"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
	for _, secret := range []string{"alice", "billing", "/cg"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%s is in\n%s", secret, out.String())
		}
	}
}
