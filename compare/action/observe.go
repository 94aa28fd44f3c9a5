package action

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/fault"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// interruptedWait is how long an interrupted pause or unpause is given to take effect all the same.
const interruptedWait = 3 * time.Second

// finalTimeout is how long the last readings may take once the user has interrupted the action.
const finalTimeout = 10 * time.Second

// final is [Final], and what only the report needs.
type final struct {
	Final
	members     members
	sameProcess value.Maybe[bool] // see [target.SameProcess]
	killPending string            // see initial
	exiting     bool              // the first process has begun to end, and has not ended
}

// observe finds out how the container stands after the action. interrupted means that the daemon may go on with it.
func (j *job) observe(ctx context.Context, r *Request, before *Initial, interrupted bool) (f final) {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), finalTimeout)
		defer cancel()
	}
	f.After, f.AfterErr = j.inspect(ctx)
	if freezes := r.Verb == value.Pause || r.Verb == value.Unpause; freezes && interrupted {
		for deadline := time.Now().Add(interruptedWait); f.After != nil && f.After.State.Paused != (r.Verb == value.Pause) &&
			time.Now().Before(deadline); {
			time.Sleep(100 * time.Millisecond)
			f.After, f.AfterErr = j.inspect(ctx)
		}
	}
	pid := 0
	if f.After != nil {
		pid = f.After.State.Pid
	}
	var err error
	f.Now, err = groupNow(before.Group, pid, func() (*cgroupfs.Group, error) { return j.kernel.Locate(pid, j.target.Container.ID) })
	f.ReadAfter, f.members = readNow(f.Now, err)
	f.Left = f.members.pids
	f.Below = readBelow(f.Now, func(err error) {
		j.log.Warn().Err(err).Str("container", j.target.Name()).Msg("cannot look for frozen cgroups below its own")
	})
	if f.Now == before.Group && before.ReadBefore.Memory.OOMKill.State() == figure.Present {
		f.OOMKills = f.ReadAfter.Memory.OOMKill.Since(before.ReadBefore.Memory.OOMKill)
	}
	f.sameProcess = target.SameProcess(before.Process, pid)
	if same, _ := f.sameProcess.Get(); same {
		f.killPending = j.killPending(pid)
		stat, err := proc.ReadStat(pid)
		if err != nil && !errors.Is(err, proc.ErrNoProcess) {
			j.log.Warn().Err(err).Str("container", j.target.Name()).Msg("cannot see whether its first process is ending")
		}
		f.exiting = err == nil && stat.Exiting && stat.State != 'Z' // Z: only its first thread has ended
	}
	return f
}

// killPending returns the kernel file in which a process has a SIGKILL pending; "" for none, or if that could not be read.
func (j *job) killPending(pid int) string {
	file, err := proc.KillPending(pid)
	if err != nil {
		j.log.Warn().Err(err).Str("container", j.target.Name()).Msg("cannot see whether a SIGKILL is pending")
	}
	return file
}

// groupNow returns the container's present cgroup: the one before or, if that is gone and the container runs again, the new one,
// which locate finds. If the new one has ended already, that is the one before as well.
func groupNow(before *cgroupfs.Group, pid int, locate func() (*cgroupfs.Group, error)) (*cgroupfs.Group, error) {
	if pid == 0 || before != nil && before.Exists() {
		return before, nil
	}
	g, err := locate()
	if errors.Is(err, proc.ErrNoProcess) {
		return before, nil
	}
	return g, err
}

// readNow reads the container's present cgroup, if there is one. unlocated is why that is not known.
func readNow(now *cgroupfs.Group, unlocated error) (r cgroupfs.Reading, m members) {
	switch {
	case unlocated != nil:
		return figure.AllWithout[cgroupfs.Reading](figure.Failed), members{err: unlocated}
	case now == nil:
		return figure.AllWithout[cgroupfs.Reading](figure.Vanished), members{}
	}
	now.Read(&r)
	if m.pids, m.err = now.Members(); m.err != nil && !now.Exists() {
		m = members{} // a cgroup that is gone has no process
	}
	return r, m
}

// inspect asks Docker how the container stands now; nil without an error if the container is gone.
func (j *job) inspect(ctx context.Context) (*dockercli.Container, error) {
	id := j.target.Container.ID
	found, err := j.docker.Inspect(ctx, id)
	if err != nil {
		return nil, err
	}
	c, ok := found[id]
	if !ok {
		return nil, nil
	}
	return &c, nil
}

// record is all that is known about an action on one container that the user named.
type record struct {
	Action
	dryRun                      bool
	expected                    expectation
	membersBefore, membersAfter members
	killPending                 string            // the kernel file in which the first process has a SIGKILL pending; "" for none
	exiting                     bool              // see final
	emptyAt                     *time.Time        // when the cgroup had no process any more
	sameProcess                 value.Maybe[bool] // see [target.SameProcess]
}

func (r *record) name() string { return r.Before.DisplayName() }

// performed reports whether the docker command was run.
func (r *record) performed() bool { return !r.Began.IsZero() }

// interrupted reports whether docker did not answer: the daemon may go on with what it was asked to do.
func (r *record) interrupted() bool { return r.CommandErr != nil && !dockercli.Refused(r.CommandErr) }

// close closes what the phases have opened.
func (r *record) close() {
	if r.Now != nil && r.Now != r.Group {
		r.Now.Close()
	}
	if r.Group != nil {
		r.Group.Close()
	}
	if r.Process != nil {
		r.Process.Close()
	}
	if r.Shim != nil {
		r.Shim.Close()
	}
}

// judge decides what happened. The verdict is nil where there was nothing to end, freeze or resume: there is none on a start.
func (r *record) judge() (v *verdict.Verdict, why string) {
	if r.Verb == value.Start || r.Group == nil {
		return nil, "there was nothing to end, freeze or resume"
	}
	facts := r.Facts()
	if r.killPending != "" {
		facts.PendingKill = &verdict.Observation{Source: r.killPending, Value: "a SIGKILL is pending: the container ends as soon as it is thawed"}
	}
	if r.exiting {
		facts.Exiting = &verdict.Observation{Source: fmt.Sprintf("/proc/%d/stat: flags", r.After.State.Pid), Value: "the first process has " +
			"begun to end, and waits for the other processes of its PID namespace: " + strings.Trim(fmt.Sprint(r.membersAfter.pids), "[]")}
	}
	judged := verdict.Judge(facts)
	judged.Because = append(judged.Because, r.laterRuns()...)
	switch {
	case judged.Kind == verdict.Inconclusive && r.anotherRun() && facts.State == nil:
		judged.Missing = facts.StateError
	case judged.Kind == verdict.Inconclusive && r.interrupted():
		judged.Missing = r.tool() + " was abandoned before it answered, and the daemon may still complete it"
	case r.resumed():
		judged.Kind, judged.Missing = verdict.Resumed, ""
	}
	return &judged, ""
}

// resumed reports whether both Docker and the kernel say that an unpause has thawed the container.
func (r *record) resumed() bool {
	return r.Verb == value.Unpause && r.CommandErr == nil && r.ReadBefore.Freezer.Frozen.Is(1) && r.ReadAfter.Freezer.Frozen.Is(0) &&
		r.After != nil && r.After.State.Status == "running"
}

// goneBefore reports whether docker refused the command because the container was gone by then: it was removed or, for a command that
// takes only a container that runs, it had ended.
func (r *record) goneBefore() bool {
	if !r.performed() || !dockercli.Refused(r.CommandErr) || r.AfterErr != nil {
		return false
	}
	needsRunning := r.Verb == value.Kill || r.Verb == value.Pause || r.Verb == value.Unpause
	return r.After == nil || needsRunning && r.Before.State.Running && !r.After.State.Running
}

// failure returns docker's error. A container that was gone before its turn is a failure only if it was named.
func (r *record) failure(ctx context.Context, log zerolog.Logger, named bool) error {
	if !named && r.goneBefore() {
		log.Info().Str("container", r.name()).Msg("it was gone before its turn")
		return nil
	}
	return r.failed(ctx)
}

// failed returns docker's error, with the container's name.
func (r *record) failed(ctx context.Context) error {
	command := fmt.Sprintf("%s %s %s", r.Docker.Engine(), r.Verb, r.name())
	state := "see how it stands: haltscope inspect " + r.name()
	switch {
	case !r.performed() && ctx.Err() != nil:
		return fmt.Errorf("%w: %s was not run", fault.ErrInterrupted, command)
	case r.CommandErr == nil:
		return nil
	case ctx.Err() != nil:
		return fault.WithHint(fmt.Errorf("%w: %s was abandoned before it answered, and the daemon may still complete it", fault.ErrInterrupted,
			command), state)
	}
	return fault.WithHint(fmt.Errorf("container %s: %w", r.name(), r.CommandErr), state)
}
