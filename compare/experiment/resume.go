package experiment

import (
	"context"
	"errors"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/action"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// resumed is how a twin was brought back.
type resumed struct {
	command     string // restart, run, unpause or start; "" if the twin was not brought back
	replacement string // the id of the container that docker run has made in place of a removed twin
	began       time.Time
	err         error
	events      []dockercli.Event
	records     *records     // nil if they are unknown: see recordsErr
	recordsErr  error        // nil as well if there are none to know
	log         *workloadLog // of the instance that was started again; nil for none
}

// resume brings a twin back the way Docker's users have to, and finds out what came back.
func (x *experiment) resume(ctx context.Context, r recipe, t *preparedTwin, a aftermath) resumed {
	if ctx.Err() != nil {
		return resumed{}
	}
	command := resumeCommand(t.action.Verb, a.answers.after, a.removed(), a.restarted, x.leaveEnded)
	b := resumed{command: command, began: time.Now()}
	switch command {
	case "":
		return resumed{}
	case "restart": // docker restart has brought it back already
		b.began = a.performed.Began
		x.readRecords(ctx, t, &b)
		return b
	case "run":
		done := x.progress.Step("docker run, to replace the twin of docker "+t.action.String(), 0)
		defer done()
		if b.replacement, b.err = x.runTwin(ctx, x.docker, r, t.name); b.err == nil {
			x.readRecords(ctx, t, &b)
		}
	default:
		done := x.progress.Step("docker "+command+", the twin of docker "+t.action.String(), 0)
		defer done()
		if b.err = startOrUnpause(ctx, x.docker, command, t.id); b.err == nil {
			limit, cancel := context.WithTimeout(ctx, x.docker.Timeout)
			defer cancel()
			// Without the event, the report lists those that came.
			x.events.Await(limit, t.id, b.began, func(events []dockercli.Event) bool { return action.HasEvents(events, command) })
			x.readRecords(ctx, t, &b)
		}
	}
	if b.err != nil {
		t.failures.add(b.err)
		return b
	}
	b.events = x.events.Since(b.id(t), b.began)
	return b
}

// resumeCommand is the docker command that brings a twin back after an action; "" for none.
func resumeCommand(verb value.Verb, after *dockercli.Container, removed, restarted, leaveEnded bool) string {
	switch {
	case verb == value.Restart && restarted:
		return "restart"
	case verb == value.Remove && removed && !leaveEnded:
		return "run" // another container is the only way left
	case after == nil:
		return ""
	case after.State.Status == "paused":
		return "unpause"
	case after.State.Status == "exited" && !leaveEnded:
		return "start"
	}
	return "" // it runs
}

// actor performs actions on containers.
type actor interface {
	Do(ctx context.Context, container string, a dockercli.Action) (dockercli.Call, error)
}

func startOrUnpause(ctx context.Context, docker actor, command, id string) error {
	var a dockercli.Action = dockercli.Start{}
	if command == "unpause" {
		a = dockercli.Unpause{}
	}
	_, err := docker.Do(ctx, id, a)
	return err
}

// id is that of the container that was brought back.
func (b *resumed) id(t *preparedTwin) string {
	if b.replacement != "" {
		return b.replacement
	}
	return t.id
}

// ok reports whether a twin was brought back.
func (b *resumed) ok() bool { return b.command != "" && b.err == nil }

// backRun is the run of a twin that was brought back. The zero value is that of a twin that was not.
type backRun struct {
	sameProcess value.Maybe[bool] // whether its first process is the one from before the action
	memory      figure.Figure     // that is charged to its cgroup, in bytes
}

// inspectResumed asks Docker for the first processes of the twins that were brought back, and reads those and their cgroups.
func (x *experiment) inspectResumed(ctx context.Context, arms []*arm) []backRun {
	all := make([]backRun, len(arms))
	var ids []string
	for _, a := range arms {
		if a.resumed.ok() {
			ids = append(ids, a.resumed.id(a.preparedTwin))
		}
	}
	if len(ids) == 0 {
		return all
	}
	found, err := x.docker.Inspect(ctx, ids...)
	if err != nil {
		x.failures.add(err)
	}
	for i, a := range arms {
		if !a.resumed.ok() {
			continue
		}
		id := a.resumed.id(a.preparedTwin)
		container, ok := found[id]
		if !ok && err != nil {
			all[i] = unreadRun(err)
			continue
		}
		group, err := x.kernel.Locate(container.State.Pid, id)
		if err != nil {
			x.docker.Log.Debug().Err(err).Str("twin", a.name).Msg("the twin that was brought back cannot be read")
			all[i] = unreadRun(err)
			continue
		}
		var r cgroupfs.Reading
		group.Read(&r)
		group.Close()
		all[i] = backRun{target.SameProcess(a.process, container.State.Pid), r.Memory.Current}
	}
	return all
}

// unreadRun returns the run of a twin that was brought back but not read. The error says why: [proc.ErrNoProcess] if it has
// ended again.
func unreadRun(err error) backRun {
	if errors.Is(err, proc.ErrNoProcess) {
		return backRun{value.Absent[bool](value.Vanished, "the twin has ended again"), figure.Without(figure.Vanished)}
	}
	return backRun{value.Absent[bool](value.Failed, dockercli.Cause(err)), figure.Without(figure.Failed)}
}
