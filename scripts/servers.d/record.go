package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"haltscope/cgroupfs"
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
}

// record runs a container, predicts, stops it, and returns what happened.
func (m machine) record(ctx context.Context, number int, s subject) (r recorded, err error) {
	flags, command, err := s.argv()
	if err != nil {
		return r, err
	}
	name := fmt.Sprintf("h-programs-%d", number)
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
	began := time.Now()
	if _, err := m.docker.Do(ctx, id, dockercli.Stop{Expected: grace}); err != nil {
		return r, err
	}
	took := time.Since(began)
	after, err := m.inspect(ctx, id)
	if err != nil {
		return r, err
	}
	if facts.Target.Error != "" {
		return r, m.gone(ctx, id, "its processes could not be read: "+facts.Target.Error)
	}
	r = recorded{Name: s.name(), ExitCode: after.State.ExitCode, AfterMs: took.Milliseconds(), Predicted: outcome(&predicted.Stop),
		Facts: compact(facts)}
	r.Observed = observed(&facts, r.ExitCode, took)
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

// observed returns what happened. It knows the exit code, the time, and whether the program had a handler; it uses no rule of
// predictions.
func observed(f *prediction.Facts, code int, took time.Duration) verdict.Kind {
	p := f.Target.ProcessFor(f.Signal)
	signal := f.Target.Delivered(f.Signal)
	switch {
	case code == 137 && took >= grace:
		return verdict.Forced
	case p == nil:
		return verdict.Inconclusive
	case p.Go != nil && code == 2:
		return verdict.Terminated // the runtime's own end, for a signal that the program did not ask for
	case code != 0 && code != value.SignalExitCode(signal):
		if f.Target.Init == "" || code < 128 {
			return verdict.FailedStopping
		}
		return verdict.Terminated
	case code == 0:
		return verdict.Graceful
	case p.Go != nil && prediction.GoAsksFor(p, signal) == nil || prediction.RuntimeCatches(p, signal):
		return verdict.Terminated // nobody exits so who handles the signal
	}
	if disposition, _ := p.Disposition(signal, grace); disposition == prediction.DefaultAction {
		return verdict.Terminated
	}
	return verdict.Graceful
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
	before, _ := reading.CPUUsage.Value()
	at := time.Now()
	for rests := 0; rests < 2 && time.Since(at) < settleLimit; {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(settleStep):
		}
		group.Read(&reading)
		now, ok := reading.CPUUsage.Value()
		if !ok {
			return errors.New("its CPU time cannot be read: it has ended")
		}
		if now-before <= restUsec {
			rests++
		} else {
			rests = 0
		}
		before = now
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
