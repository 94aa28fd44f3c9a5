package watch

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"

	"haltscope/compare/document"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// bash is a shell on the host, of a user who has logged in.
func bash() document.Actor {
	none := value.Absent[string](value.Unsupported, "none")
	return document.Actor{PID: 4711, Command: value.Known("bash"), User: value.Known("alice"), LoginUser: value.Known("alice"),
		Session: value.Known("3"), Container: none, Unit: none, Parents: []document.ActorParent{{PID: 4000, Command: value.Known("sshd")}}}
}

// signaled is a signal to the first process, 42.
func signaled(ms int, signal unix.Signal, by verdict.Origin, actor document.Actor) step {
	return func(l *Timeline) { l.Sent(kernelSignal{signal: signal, at: at(ms), to: 42, by: by, actor: &actor}) }
}

func senders42(l *Timeline) { l.Senders(l.current.key(), 42) }

func lossy(ms int) step { return func(l *Timeline) { l.SendersIncomplete(at(ms), "3 were dropped") } }

// Each end has who sent the signal, or why that is not known.
func TestSentBy(t *testing.T) {
	ended := func(code int) []step {
		return []step{event(2100, "die", "exitCode="+strconv.Itoa(code)), inspect(2200, container("exited", code))}
	}
	within := document.Actor{PID: 50, Command: value.Known("sh"), Container: value.Known("web")}
	for name, c := range map[string]struct {
		steps   []step
		before  func(*Timeline)
		message string
		pid     int64  // of the sender
		detail  string // why there is none
	}{
		"kill on the host": {steps: append([]step{senders42, signaled(2000, 9, verdict.FromOutside, bash())}, ended(137)...),
			message: "killed: SIGKILL from bash (pid 4711, user alice, session 3), started by sshd (pid 4000), on the host, exit code 137",
			pid:     4711},
		"its own process": {steps: append([]step{senders42, signaled(2000, 9, verdict.FromWithin, within)}, ended(137)...),
			message: "killed: SIGKILL from its own process sh (pid 50), exit code 137", pid: 50},
		"its own exit code": {steps: append([]step{senders42}, ended(137)...), message: "failed by itself, exit code 137",
			detail: "no signal ended it"},
		"a lossy time": {steps: append([]step{senders42, lossy(2000)}, ended(137)...), message: "cause unknown", detail: "3 were dropped"},
		"a loss that is reported after the end": {steps: append(append([]step{senders42}, ended(137)...), lossy(2300)),
			message: "cause unknown", detail: "3 were dropped"},
		"a loss long ago": {steps: []step{senders42, lossy(2000), event(62_100, "die", "exitCode=137"),
			inspect(62_200, container("exited", 137))}, message: "failed by itself", detail: "no signal ended it"},
		"a loss when Docker began to stop it": {steps: []step{senders42, lossy(2000), event(2100, "kill", "signal=15"),
			event(32_100, "die", "exitCode=0"), inspect(32_200, container("exited", 0)), event(32_300, "stop")},
			message: "exit code 0", detail: "3 were dropped"},
		"a short life": {steps: ended(137), message: "cause unknown", detail: "its first process was not found before it ended"},
		"no tap": {steps: ended(137), before: func(l *Timeline) { l.NoSenders = errNoTrace }, message: "cause unknown",
			detail: "--no-trace was given"},
		"a tap that is refused": {steps: ended(0), before: func(l *Timeline) { l.NoSenders = errors.New("no tracefs") },
			message: "ended by itself, exit code 0", detail: "no tracefs"},
		"a signal that it handled": {steps: append([]step{senders42, signaled(2000, 15, verdict.FromOutside, bash())}, ended(0)...),
			message: "ended by itself, exit code 0; right before that, SIGTERM came from bash (pid 4711", pid: 4711},
		"the kernel": {steps: append([]step{senders42, signaled(2000, 9, verdict.FromKernel, bash())}, ended(137)...),
			message: "killed: ", detail: "the kernel sent it on its own account"},
		"another process's PID, later": {steps: []step{senders42, event(2100, "die", "exitCode=137"), processExits(2050, 0x8900),
			signaled(2090, 9, verdict.FromOutside, bash()), inspect(2200, container("exited", 137))},
			message: "failed by itself", detail: "no signal ended it"},
	} {
		l := NewTimeline("c0ffee", "web", false)
		if c.before != nil {
			c.before(l)
		}
		lines := play(l, append(startedRun(), c.steps...)...)
		line := lines[len(lines)-1]
		if !strings.Contains(line.Message, c.message) {
			t.Errorf("%s: %s", name, line.Message)
		}
		var out bytes.Buffer
		if err := NewLog(&out, false).Write(&line); err != nil {
			t.Fatal(err)
		}
		sender := gjson.GetBytes(out.Bytes(), "sent_by")
		if c.pid != 0 && sender.Get("pid").Int() != c.pid {
			t.Errorf("%s: sent_by %s", name, sender)
		}
		detail := gjson.GetBytes(out.Bytes(), `notes.#(field=="sent_by").detail`).String()
		if c.pid == 0 && (sender.Type != gjson.Null || !sender.Exists() || detail != c.detail) {
			t.Errorf("%s: sent_by %s, %q", name, sender, detail)
		}
		read, err := document.DecodeWatchLine(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := read.SentBy.Get(); ok != (c.pid != 0) || ok && got.PID != int(c.pid) || !ok && read.SentBy.Detail() != c.detail {
			t.Errorf("%s: read back as %+v", name, read.SentBy)
		}
	}
}

// A redacted line names no sender.
func TestSentByRedacted(t *testing.T) {
	lines := play(NewTimeline("c0ffee", "web", false), append(startedRun(), senders42, signaled(2000, 9, verdict.FromOutside, bash()),
		event(2100, "die", "exitCode=137"), inspect(2200, container("exited", 137)))...)
	var out bytes.Buffer
	if err := NewLog(&out, true).Write(&lines[len(lines)-1]); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, name := range []string{"bash", "alice", "sshd"} {
		if strings.Contains(text, name) {
			t.Errorf("%s has %s", text, name)
		}
	}
	if !strings.Contains(text, "SIGKILL from a process (pid 4711) on the host") || gjson.Get(text, "sent_by.pid").Int() != 4711 {
		t.Error(text)
	}
}

// A line about a signal of Docker's that did not end the container has its sender as well.
func TestSentBySurvived(t *testing.T) {
	runc := bash()
	runc.PID, runc.Command = 99, value.Known("runc")
	earlier, later := runc, runc
	earlier.PID, later.PID = 98, 100
	for name, steps := range map[string][]step{
		"alone":                         {signaled(1950, 1, verdict.FromDocker, runc)},
		"another process sent it, too":  {signaled(1950, 1, verdict.FromDocker, runc), signaled(1960, 1, verdict.FromOutside, bash())},
		"another one of Docker's, too":  {signaled(1000, 1, verdict.FromDocker, earlier), signaled(1950, 1, verdict.FromDocker, runc)},
		"and one of Docker's after it":  {signaled(1950, 1, verdict.FromDocker, runc), signaled(3000, 1, verdict.FromDocker, later)},
		"nobody of Docker's":            {signaled(1950, 1, verdict.FromOutside, bash())},
		"Docker's, of another signal":   {signaled(1950, 10, verdict.FromDocker, runc)},
		"Docker's, to another process":  {signaledTo(43, 1950, 1, verdict.FromDocker, runc)},
		"Docker's, a long time earlier": {signaled(-5000, 1, verdict.FromDocker, runc)},
	} {
		lines := play(NewTimeline("c0ffee", "web", false), slices.Concat(startedRun(), []step{senders42}, steps,
			[]step{event(2000, "kill", "signal=1")})...)
		last := lines[len(lines)-1]
		known := !strings.HasPrefix(name, "Docker's, ") && name != "nobody of Docker's"
		if actor, ok := last.SentBy.Get(); ok != known || ok && actor.PID != 99 || last.Count != 1 {
			t.Errorf("%s: %+v", name, last.SentBy)
		}
	}
}

// signaledTo is a signal to another process.
func signaledTo(pid, ms int, signal unix.Signal, by verdict.Origin, actor document.Actor) step {
	return func(l *Timeline) { l.Sent(kernelSignal{signal: signal, at: at(ms), to: pid, by: by, actor: &actor}) }
}

// Of many signals the first SIGKILL to each process is kept, and what comes to other processes takes no place of the first one's.
func TestSentBound(t *testing.T) {
	l := NewTimeline("c0ffee", "web", false)
	for _, s := range append(startedRun(), senders42, signaled(1000, 9, verdict.FromOutside, bash())) {
		s(l)
	}
	for range 10 * keptSent {
		signaled(1001, 10, verdict.FromOutside, bash())(l)
	}
	if r := l.current; len(r.sent) != keptSent || r.sent[0].signal != 9 {
		t.Errorf("%d are kept, the first is %d", len(r.sent), r.sent[0].signal)
	}
	for i := range 10 * keptSent {
		signaled(1002, 9, verdict.FromOutside, bash())(l)
		signaledTo(100+i, 1003, 15, verdict.FromWithin, bash())(l)
		signaledTo(100+i, 1004, 9, verdict.FromKernel, bash())(l)
	}
	r := l.current
	if len(r.sent) != 2*keptSent || !r.sent[0].at.Equal(at(1000)) {
		t.Errorf("%d are kept, the first is of %v", len(r.sent), r.sent[0].at)
	}
	ofFirst := 0
	for i := range r.sent {
		if r.sent[i].to == 42 {
			ofFirst++
		}
	}
	if ofFirst != keptSent {
		t.Errorf("%d to the first process are kept", ofFirst)
	}
}

// The signal that decides is not lost among those to other processes.
func TestSentManyProcesses(t *testing.T) {
	runc := bash()
	runc.PID, runc.Command = 99, value.Known("runc")
	toWorkers := func(ms int, signal unix.Signal, by verdict.Origin) (all []step) {
		for i := range 3 * keptSent {
			all = append(all, signaledTo(100+i, ms, signal, by, bash()))
		}
		return all
	}
	end := func(ms, code int) []step {
		return []step{event(ms, "die", "exitCode="+strconv.Itoa(code)), inspect(ms+100, container("exited", code))}
	}
	for name, c := range map[string]struct {
		steps   []step
		message string
		pid     int
	}{
		"a master that signals its workers": {slices.Concat([]step{signaled(990, 15, verdict.FromDocker, runc), event(1000, "kill", "signal=15")},
			toWorkers(1001, 15, verdict.FromWithin), end(1300, 0), []step{event(1500, "stop")}), "exit code 0", 99},
		"kill -9 among the kernel's": {slices.Concat(toWorkers(500, 9, verdict.FromWithin),
			[]step{signaled(2000, 9, verdict.FromOutside, bash())}, toWorkers(2001, 9, verdict.FromKernel), end(2100, 137)),
			"killed: SIGKILL from bash (pid 4711", 4711},
	} {
		lines := play(NewTimeline("c0ffee", "web", false), slices.Concat(startedRun(), []step{senders42}, c.steps)...)
		line := lines[len(lines)-1]
		if actor, ok := line.SentBy.Get(); !ok || actor.PID != c.pid || !strings.Contains(line.Message, c.message) {
			t.Errorf("%s: %s, sent by %+v", name, line.Message, line.SentBy)
		}
	}
}

// Where signals were forgotten right before the end, it is not said that there was none.
func TestSentForgotten(t *testing.T) {
	many := func(ms int) (all []step) {
		for i := range 2 * keptSent {
			all = append(all, signaled(ms+i, 10, verdict.FromWithin, bash()))
		}
		return all
	}
	for name, c := range map[string]struct {
		ms              int
		message, detail string
	}{
		"right before the end": {70_000, "cause unknown", tooManySent},
		"long before the end":  {1000, "failed by itself", "no signal ended it"},
	} {
		lines := play(NewTimeline("c0ffee", "web", false), slices.Concat(startedRun(), []step{senders42}, many(c.ms),
			[]step{event(72_000, "die", "exitCode=137"), inspect(72_100, container("exited", 137))})...)
		line := lines[len(lines)-1]
		if !strings.Contains(line.Message, c.message) || line.SentBy.Detail() != c.detail {
			t.Errorf("%s: %s, %+v", name, line.Message, line.SentBy)
		}
	}
}

func TestIsDocker(t *testing.T) {
	actor := func(command, parent string) *document.Actor {
		a := bash()
		a.Command = value.Known(command)
		a.Parents = []document.ActorParent{{PID: 1, Command: value.Known(parent)}}
		return &a
	}
	inside := actor("dockerd", "systemd")
	inside.Container = value.Known("dind")
	for name, c := range map[string]struct {
		actor *document.Actor
		want  bool
	}{
		"docker kill":        {actor("runc", "containerd-shim"), true},
		"with its argument":  {actor("runc kill", "containerd-shim"), true},
		"the daemon":         {actor("dockerd", "systemd"), true},
		"the shim":           {actor("containerd-shim", "systemd"), true},
		"runc by hand":       {actor("runc kill", "bash"), false},
		"a new container":    {actor("runc init", "containerd-shim"), false},
		"a shell":            {actor("bash", "sshd"), false},
		"a daemon in docker": {inside, false},
	} {
		if got := isDocker(c.actor); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
