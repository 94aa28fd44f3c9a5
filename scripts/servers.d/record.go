package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/ends"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// grace is what each container is given.
const grace = 5 * time.Second

type machine struct {
	docker *dockercli.Client
	kernel *cgroupfs.Host
	engine string
	image  string
	prefix string // of the names of its containers
}

// record runs a container, predicts, stops it, and returns what happened.
func (m machine) record(ctx context.Context, number int, s subject) (r recorded, err error) {
	flags, command, err := s.argv()
	if err != nil {
		return r, err
	}
	name := fmt.Sprintf("%s-%d", m.prefix, number)
	flags = append(flags, "--name", name, "--network", "none", "--label", "haltscope.servers", "--stop-signal", s.signal,
		"--stop-timeout", fmt.Sprint(int(grace/time.Second)), "--interactive")
	id, err := m.docker.Run(ctx, flags, m.image, command...)
	if err != nil {
		m.docker.Remove(context.WithoutCancel(ctx), name)
		return r, err
	}
	defer func() { err = errors.Join(err, m.docker.Remove(context.WithoutCancel(ctx), id)) }()
	c, err := m.inspect(ctx, id)
	if err != nil {
		return r, err
	}
	if c.State.Pid == 0 {
		return r, m.gone(ctx, id, "it did not run")
	}
	group, err := m.kernel.Locate(c.State.Pid, id)
	if err != nil {
		return r, err
	}
	defer group.Close()
	if s.form != "young" {
		if err := settle(ctx, group); err != nil {
			return r, err
		}
	}
	if err := m.connect(ctx, id, s); err != nil {
		return r, err
	}
	inspection := target.Inspect(ctx, m.docker, m.engine, c, group)
	facts := inspection.ReadFacts()
	predicted := prediction.Predict(facts)
	observer, err := ends.Observe(group, c.State.Pid, facts.Signal)
	if err != nil {
		return r, err
	}
	observer.Begin()
	began := time.Now()
	_, err = m.docker.Do(ctx, id, dockercli.Stop{Expected: grace})
	took := time.Since(began)
	ended := observer.End(began)
	if err != nil {
		return r, err
	}
	after, err := m.inspect(ctx, id)
	if err != nil {
		return r, err
	}
	if facts.Target.Error != "" {
		return r, m.gone(ctx, id, "its processes could not be read: "+facts.Target.Error)
	}
	kind, err := observed(&facts, ended, took)
	if err != nil {
		return r, err
	}
	r = recorded{Name: s.name(), ExitCode: after.State.ExitCode, AfterMs: took.Milliseconds(), Predicted: outcome(&predicted.Stop),
		Observed: kind, Facts: compact(facts)}
	return r, nil
}

func outcome(o *prediction.Outcome) string {
	if o.Kind != prediction.Undecided {
		return string(o.Kind)
	}
	var all []string
	for _, kind := range o.Candidates {
		all = append(all, string(kind))
	}
	return strings.Join(all, "|")
}

// observed returns what happened. It knows how the kernel says that the process ended, whether the process had a handler, and how long
// it took; it uses no rule of predictions.
func observed(f *prediction.Facts, ended *verdict.Ends, took time.Duration) (verdict.Kind, error) {
	p, signal := f.Target.ProcessFor(f.Signal), f.Target.Delivered(f.Signal)
	if p == nil {
		return "", errors.New("the process that has to act on the signal is not known")
	}
	status := waitStatus(ended, p.PID)
	if status == nil {
		return "", fmt.Errorf("how process %d, %s, ended is not known: %s", p.PID, p.Name, ended.Missed)
	}
	if kind := underWrapper(f, ended, took); kind != "" {
		return kind, nil
	}
	if !status.Signaled() {
		return exited(p, signal, status.ExitStatus()), nil
	}
	switch disposition, _ := p.Disposition(signal, grace); {
	case status.Signal() == value.SIGKILL && took >= grace:
		return verdict.Forced, nil
	case status.Signal() == value.SIGKILL:
		return verdict.Killed, nil
	case disposition == prediction.DefaultAction, unasked(p, signal), prediction.RuntimeCatches(p, signal):
		return verdict.Terminated, nil
	case p.Go != nil && prediction.GoAsksFor(p, signal) == nil:
		return "", errors.New("whether the Go program asked for the signal is not known")
	}
	return verdict.Graceful, nil // it handled the signal, and raised it again
}

// underWrapper returns what happened to the programs that the signal target does nothing but wait for, if a signal ended one of them;
// "" if none did.
func underWrapper(f *prediction.Facts, ended *verdict.Ends, took time.Duration) (kind verdict.Kind) {
	for _, p := range f.Programs {
		switch status := waitStatus(ended, p.PID); {
		case status == nil || !status.Signaled():
		case status.Signal() == value.SIGKILL && took >= grace:
			return verdict.Forced
		case status.Signal() == value.SIGKILL:
			return verdict.Killed
		default:
			kind = verdict.Terminated
		}
	}
	return kind
}

// exited returns what happened to a program that ended by itself with an exit code.
func exited(p *prediction.Process, signal value.Signal, code int) verdict.Kind {
	switch {
	case unasked(p, signal):
		return verdict.Terminated // by Go's runtime
	case code == 0, code == value.SignalExitCode(signal):
		return verdict.Graceful
	}
	return verdict.FailedStopping
}

// unasked reports whether a Go program is known not to have asked for a signal.
func unasked(p *prediction.Process, signal value.Signal) bool {
	asks := prediction.GoAsksFor(p, signal)
	return p.Go != nil && asks != nil && !*asks
}

// waitStatus returns how a process ended; nil where that is not known.
func waitStatus(ended *verdict.Ends, pid int) *value.WaitStatus {
	for _, e := range ended.All {
		if e.PID == pid {
			return e.Wait
		}
	}
	return nil
}

func (m machine) inspect(ctx context.Context, id string) (dockercli.Container, error) {
	found, err := m.docker.Inspect(ctx, id)
	if err != nil {
		return dockercli.Container{}, err
	}
	c, ok := found[id]
	if !ok {
		return c, errors.New("it is gone")
	}
	return c, nil
}

// gone is the error of a container that ended by itself.
func (m machine) gone(ctx context.Context, id, why string) error {
	line, err := m.docker.LastLogLine(ctx, id)
	if err != nil {
		return fmt.Errorf("%s; reading its log: %w", why, err)
	}
	return fmt.Errorf("%s; the last line of its log: %s", why, line)
}

// How long a program is given to come to rest, and what counts as rest.
const (
	settleLimit = 60 * time.Second
	settleStep  = time.Second
	restUsec    = 30_000 // CPU time in a step
)

// settle waits until a container uses hardly any CPU time, twice in a row.
func settle(ctx context.Context, group *cgroupfs.Group) error {
	var reading cgroupfs.Reading
	group.Read(&reading)
	before := reading.CPUUsage
	at := time.Now()
	for rests := 0; rests < 2 && time.Since(at) < settleLimit; {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(settleStep):
		}
		group.Read(&reading)
		used, ok := reading.CPUUsage.Since(before).Value()
		if !ok {
			return errors.New("its CPU time cannot be read: it has ended")
		}
		if used <= restUsec {
			rests++
		} else {
			rests = 0
		}
		before = reading.CPUUsage
	}
	return nil
}

// connect opens what a form asks for: client=PORT a connection, request=PORT,TEXT one that has begun to ask, session=COMMAND a
// client program. It stays open until the container ends.
func (m machine) connect(ctx context.Context, id string, s subject) error {
	form, argument, _ := strings.Cut(s.form, "=")
	script := ""
	switch form {
	case "client":
		script = fmt.Sprintf("exec 3<>/dev/tcp/127.0.0.1/%s; sleep 600", argument)
	case "request":
		script = fmt.Sprintf("exec 3<>/dev/tcp/127.0.0.1/%s; printf 'GET / HTTP/1.1\\r\\nHost:' >&3; sleep 600", argument)
	case "session":
		script = sessions[argument]
	default:
		return nil
	}
	if err := m.docker.ExecDetached(ctx, id, "bash", "-c", script); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(2 * time.Second):
		return nil
	}
}

// sessions are the clients that need a program of their own.
var sessions = map[string]string{
	"psql":      `exec su postgres -c 'psql -h /tmp -d postgres -c "select pg_sleep(600)"'`,
	"psql-idle": `sleep 600 | su postgres -c 'psql -h /tmp -d postgres'`,
}
