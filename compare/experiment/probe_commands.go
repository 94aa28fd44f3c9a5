package experiment

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"syscall"
	"time"

	"haltscope/compare/action"
	"haltscope/compare/document"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// hostnameFile exists in every container: docker puts it there.
const hostnameFile = "/etc/hostname"

// try starts all probes of a twin. They go on until they are done or ended.
func (x *experiment) try(ctx context.Context, plan probePlan, t *runningTwin, at published, when string) *attempts {
	all := &attempts{}
	all.ctx, all.cancel = context.WithCancel(ctx)
	docker := x.docker.WithTimeout(time.Hour) // settle decides how long an answer may take
	command := func(name string, arguments []string, skipped string, do func(context.Context) error) {
		all.begin(name, append([]string{"docker", name}, arguments...), skipped, func(ctx context.Context) (string, string) {
			return outcomeOf(do(ctx))
		})
	}
	run := []string{plan.path, "--version"}
	command("exec", append([]string{t.name}, run...), plan.noExec, func(ctx context.Context) error {
		return docker.Exec(ctx, t.id, run...)
	})
	command("top", []string{t.name}, "", func(ctx context.Context) error {
		_, err := docker.Top(ctx, t.id)
		return err
	})
	command("logs", []string{"--tail", "1", t.name}, "", func(ctx context.Context) error {
		_, err := docker.LastLogLine(ctx, t.id)
		return err
	})
	command("stats", []string{"--no-stream", t.name}, "", func(ctx context.Context) error {
		_, err := docker.Stats(ctx, t.id)
		return err
	})
	command("cp", []string{t.name + ":" + hostnameFile, "-"}, "", func(ctx context.Context) error {
		return docker.Copy(ctx, t.id, hostnameFile)
	})
	arguments := []string{"docker", "attach", "--no-stdin", "--sig-proxy=false", t.name}
	all.begin("attach", arguments, "", func(ctx context.Context) (string, string) {
		return attach(ctx, docker, x.events, t.id)
	})
	limit := int64(-1) // none; this, or the limit that the twin has, changes nothing
	if l := t.container.HostConfig.PidsLimit; l != nil && *l > 0 {
		limit = *l
	}
	command("update", []string{"--pids-limit", strconv.FormatInt(limit, 10), t.name}, "", func(ctx context.Context) error {
		return docker.UpdatePids(ctx, t.id, limit)
	})
	deadline := time.Now()
	if when == "before" && !x.image.embedded {
		deadline = deadline.Add(hangAfter) // an image may not listen yet
	}
	all.begin("port", []string{"GET", "http://" + at.address + "/"}, plan.skipRequest(at), func(ctx context.Context) (string, string) {
		return requestUntil(ctx, at.address, deadline)
	})
	return all
}

// skipRequest is why no request can be made; "" if it can.
func (p probePlan) skipRequest(at published) string {
	switch {
	case p.noPort != "":
		return p.noPort
	case at.err != nil:
		return dockercli.Cause(at.err)
	case at.address == "":
		return "docker port does not list it"
	}
	return ""
}

// attacher is what attach asks Docker.
type attacher interface {
	Attach(ctx context.Context, id string) error
}

// attachEvents are the events in which attach looks for its own.
type attachEvents interface {
	Await(ctx context.Context, id string, since time.Time, enough func([]dockercli.Event) bool) bool
}

// attach attaches to a container until the event attach confirms it.
func attach(ctx context.Context, docker attacher, events attachEvents, id string) (outcome, detail string) {
	began := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- docker.Attach(ctx, id) }()
	attached := make(chan bool, 1)
	go func() {
		attached <- events.Await(ctx, id, began, func(events []dockercli.Event) bool { return action.HasEvents(events, "attach") })
	}()
	select {
	case err := <-ended:
		cancel()
		<-attached
		return outcomeOf(err)
	case ok := <-attached:
		cancel()
		if err := <-ended; !ok {
			return outcomeOf(err)
		}
		return document.Answered, ""
	}
}

// requestUntil repeats a request until it is answered, or until a deadline. It makes at least one.
func requestUntil(ctx context.Context, address string, deadline time.Time) (outcome, detail string) {
	for {
		outcome, detail = request(ctx, address)
		if outcome == document.Answered || time.Now().After(deadline) || wait(ctx, 100*time.Millisecond) != nil {
			return outcome, detail
		}
	}
}

// request sends an HTTP request. Any bytes that come back are an answer.
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
		return document.ProbeFailed, "connected, but closed without an answer"
	}
	return document.ProbeFailed, "connected; " + err.Error()
}

// outcomeOf is the outcome of a docker command. Exit codes from 126 on come from docker exec: the program did not start.
func outcomeOf(err error) (outcome, detail string) {
	var call *dockercli.CallError
	switch {
	case err == nil:
		return document.Answered, ""
	case errors.As(err, &call) && call.ExitCode > 0 && call.ExitCode < 126:
		return document.Refused, value.OneLine(call.Cause())
	}
	return document.ProbeFailed, value.OneLine(dockercli.Cause(err))
}
