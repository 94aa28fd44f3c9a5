package experiment

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"haltscope/compare/action"
	"haltscope/compare/document"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// attempt is one probe of one twin. What it came to is read once it is done.
type attempt struct {
	name    string
	command []string
	skipped string // why it was not made; "" if it was
	began   time.Time
	done    chan struct{}

	ended   time.Time
	outcome string
	detail  string

	hungAt *time.Time // when no answer had come in its time
	cut    *time.Time // when it was ended, without an answer
}

// attempts are the probes of one twin, side by side.
type attempts struct {
	all    []*attempt
	cancel context.CancelFunc
}

// try begins all probes of a twin. They go on until they are done or ended.
func (x *experiment) try(ctx context.Context, a *arm, when string) *attempts {
	ctx, cancel := context.WithCancel(ctx)
	all := &attempts{cancel: cancel}
	// How long an answer is waited for is decided by settle.
	docker := *x.docker
	docker.Timeout = time.Hour
	begin := func(name string, command []string, skipped string, do func(context.Context) (outcome, detail string)) {
		t := &attempt{name: name, command: command, skipped: skipped, began: time.Now(), done: make(chan struct{})}
		all.all = append(all.all, t)
		if skipped != "" {
			close(t.done)
			return
		}
		go func() {
			defer close(t.done)
			t.outcome, t.detail = do(ctx)
			t.ended = time.Now()
		}()
	}
	command := func(name string, argv []string, do func(context.Context) error) {
		begin(name, argv, "", func(ctx context.Context) (string, string) { return saying(do(ctx)) })
	}
	program := []string{x.probes.program, "--version"}
	begin("exec", append([]string{"docker", "exec", a.name}, program...), x.probes.noExec, func(ctx context.Context) (string, string) {
		_, err := docker.Exec(ctx, a.id, program...)
		return saying(err)
	})
	command("top", []string{"docker", "top", a.name}, func(ctx context.Context) error { _, err := docker.Top(ctx, a.id); return err })
	command("logs", []string{"docker", "logs", "--tail", "1", a.name}, func(ctx context.Context) error { _, err := docker.LastLine(ctx, a.id); return err })
	command("stats", []string{"docker", "stats", "--no-stream", a.name}, func(ctx context.Context) error { _, err := docker.Stats(ctx, a.id); return err })
	const file = "/etc/hostname" // docker puts one into every container
	command("cp", []string{"docker", "cp", a.name + ":" + file, "-"}, func(ctx context.Context) error { _, err := docker.CopyOut(ctx, a.id, file); return err })
	begin("attach", []string{"docker", "attach", "--no-stdin", "--sig-proxy=false", a.name}, "", func(ctx context.Context) (string, string) {
		return x.attach(ctx, &docker, a)
	})
	limit := int64(-1) // its own, or none: nothing is changed
	if l := a.Before.HostConfig.PidsLimit; l != nil && *l > 0 {
		limit = *l
	}
	command("update", []string{"docker", "update", "--pids-limit", strconv.FormatInt(limit, 10), a.name}, func(ctx context.Context) error {
		_, err := docker.UpdatePids(ctx, a.id, limit)
		return err
	})
	noPort := x.probes.noPort
	switch {
	case noPort != "":
	case a.addressErr != nil:
		noPort = dockercli.Cause(a.addressErr)
	case a.address == "":
		noPort = "docker port does not list it"
	}
	begin("port", []string{"GET", "http://" + a.address + "/"}, noPort, func(ctx context.Context) (string, string) {
		for {
			outcome, detail := request(ctx, a.address)
			// An image of one's own may not listen yet.
			if when != "before" || x.embedded || outcome == document.Answered || time.Since(all.all[0].began) > probePatience || wait(ctx, 100*time.Millisecond) != nil {
				return outcome, detail
			}
		}
	})
	return all
}

// attach attaches, until the event of that name tells that it has.
func (x *experiment) attach(ctx context.Context, docker *dockercli.Client, a *arm) (outcome, detail string) {
	began := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		_, err := docker.Attach(ctx, a.id)
		ended <- err
	}()
	attached := make(chan bool, 1)
	go func() {
		attached <- x.events.Await(ctx, a.id, began, func(events []dockercli.Event) bool { return action.Has(events, "attach") })
	}()
	select {
	case err := <-ended:
		cancel()
		<-attached
		return saying(err)
	case ok := <-attached:
		cancel()
		err := <-ended
		if !ok {
			return saying(err)
		}
		return document.Answered, ""
	}
}

// request asks for an answer over the network: whatever comes back is one.
func request(ctx context.Context, address string) (outcome, detail string) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return document.Refused, "connection refused"
	case err != nil:
		return document.ProbeFailed, err.Error()
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now()) })
	defer stop()
	if _, err := io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		return document.ProbeFailed, "connected; " + err.Error()
	}
	n, err := conn.Read(make([]byte, 512))
	switch {
	case n > 0:
		return document.Answered, ""
	case errors.Is(err, io.EOF):
		return document.ProbeFailed, "connected, and closed without an answer"
	}
	return document.ProbeFailed, "connected; " + err.Error()
}

// saying is what a docker call came to. Of docker exec, 126 and more is the program's failure to start.
func saying(err error) (outcome, detail string) {
	var call *dockercli.CallError
	switch {
	case err == nil:
		return document.Answered, ""
	case errors.As(err, &call) && call.ExitCode > 0 && call.ExitCode < 126:
		return document.Refused, oneLine(call.Cause())
	}
	return document.ProbeFailed, oneLine(dockercli.Cause(err))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// settle waits until each is done, or has been given its time.
func (all *attempts) settle(ctx context.Context, longest time.Duration, limit func(*attempt) time.Duration) {
	from := time.Now()
	for _, t := range all.all {
		select {
		case <-t.done:
			continue
		default:
		}
		select {
		case <-t.done:
		case <-ctx.Done():
		case <-time.After(min(limit(t), longest) - time.Since(from)):
		}
	}
	now := time.Now()
	for _, t := range all.all {
		select {
		case <-t.done:
		default:
			if t.hungAt == nil {
				t.hungAt = &now
			}
		}
	}
}

// end ends those that go on, and waits for that.
func (all *attempts) end() {
	now := time.Now()
	for _, t := range all.all {
		select {
		case <-t.done:
		default:
			t.cut = &now
		}
	}
	all.cancel()
	for _, t := range all.all {
		<-t.done
	}
}

func (t *attempt) report(when string) document.Probe {
	p := document.Probe{Probe: t.name, When: when, Command: t.command}
	switch {
	case t.skipped != "":
		p.Outcome, p.DurationMs = value.Absent[string](value.NotMeasured, t.skipped), value.Absent[float64](value.NotMeasured, t.skipped)
	case t.hungAt != nil:
		p.Outcome, p.DurationMs = value.Known(document.Hung), value.Known(value.Milliseconds(t.hungAt.Sub(t.began)))
	default:
		p.Outcome, p.Detail, p.DurationMs = value.Known(t.outcome), value.Clean(t.detail), value.Known(value.Milliseconds(t.ended.Sub(t.began)))
	}
	return p
}

// late is what became of one that hung, since the twin was thawed.
func (t *attempt) late(thawed time.Time) *document.AfterUnpause {
	if t.cut != nil {
		why := "it hung on until it was given up"
		return &document.AfterUnpause{Outcome: value.Absent[string](value.NotMeasured, why), AfterMs: value.Absent[float64](value.NotMeasured, why)}
	}
	return &document.AfterUnpause{Outcome: value.Known(t.outcome), Detail: value.Clean(t.detail),
		AfterMs: value.Known(value.Milliseconds(t.ended.Sub(thawed)))}
}
