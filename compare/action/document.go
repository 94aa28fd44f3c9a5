package action

import (
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/predict"
	"haltscope/compare/rules/memory"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

func (d *containerAction) document() document.ContainerAction {
	args := dockercli.ActArgs(d.Verb, d.Flags, d.name())
	doc := document.ContainerAction{Name: d.name(), ID: d.Before.ID, StatusBefore: value.Clean(d.Before.State.Status), Paste: d.Docker.Pasteable(args),
		Command: document.Command{Argv: append([]string{d.Docker.Path}, args...)}, Predicted: d.expectation(), Consequences: []document.Because{},
		Signals: []value.Maybe[int]{}, Events: []document.Event{}, Fix: []string{}, Undo: d.back()}
	if d.mayEnd() {
		doc.Consequences = predict.Because(d.consequences)
	}
	if d.mayRunOn() {
		doc.Consequences = append(doc.Consequences, predict.Because(d.facts.RunsOnDisarmed(d.Signal))...)
	}
	doc.Memory.BeforeBytes = figures.Number(d.ReadBefore.Memory.Current)
	doc.Process.Before = count(d.membersBefore, d.beforeErr)
	if d.Group == nil {
		doc.Memory.BeforeBytes = value.Absent[uint64](value.Vanished, "it did not run")
		doc.Process.Before = value.Known(0)
	}
	if d.Began.IsZero() {
		nothing := "nothing was done"
		doc.Verdict = value.Absent[document.Verdict](value.NotMeasured, nothing)
		doc.ExitCode, doc.Command.ExitCode = value.Absent[int](value.NotMeasured, nothing), value.Absent[int](value.NotMeasured, nothing)
		return doc
	}
	d.outcome(&doc)
	return doc
}

// expectation is what the rules of predict say, before anything is done.
func (d *containerAction) expectation() value.Maybe[document.Outcome] {
	if d.noRules {
		return value.Absent[document.Outcome](value.Unsupported, "predict does not work with "+d.Docker.Engine()+": "+predict.DockerOnly)
	}
	if d.expected == nil {
		return value.Absent[document.Outcome](value.Failed, dockercli.Cause(d.factsErr))
	}
	return value.Known(predict.Outcome(d.expected))
}

// mayEnd reports whether the container is expected to end, or may.
func (d *containerAction) mayEnd() bool {
	if d.expected == nil {
		return d.Ends() && d.Group != nil
	}
	return d.Ends() && (d.expected.OwnCode || len(d.expected.ExitCodes) > 0)
}

// mayRunOn reports whether a signal is sent that the container is expected to outlive, or may.
func (d *containerAction) mayRunOn() bool {
	return d.facts != nil && d.Verb == "kill" && d.Signal != int(unix.SIGKILL) && (!d.mayEnd() || d.expected.Kind == prediction.Undecided)
}

// outcome writes what came of it.
func (d *containerAction) outcome(doc *document.ContainerAction) {
	doc.Command = d.Action.Command()
	kind := verdict.Kind("")
	if v, why := d.judge(); v != nil {
		doc.Verdict, kind = value.Known(d.Action.Verdict(*v)), v.Kind
	} else {
		doc.Verdict = value.Absent[document.Verdict](value.NotMeasured, why)
	}
	doc.State = d.State()
	doc.ExitCode = value.Absent[int](value.NotMeasured, "nothing was to end")
	if d.Ends() && d.Group != nil {
		doc.ExitCode = d.EndedWith()
	}
	doc.Events = d.List(d.Heard)
	for _, e := range doc.Events {
		if e.Action == "kill" {
			doc.Signals = append(doc.Signals, e.Signal)
		}
	}
	doc.Timing.CommandMs, doc.Timing.EffectMs = value.Known(value.Milliseconds(d.Call.Elapsed)), d.Effect()
	switch {
	case d.emptyAt != nil:
		doc.Timing.EmptyMs = value.Known(value.Milliseconds(d.emptyAt.Sub(d.Began)))
	case d.Ends() && d.EffectAt != nil:
		doc.Timing.EmptyMs = value.Absent[float64](value.NotMeasured, "its cgroup still had processes "+EffectLimit.String()+" after docker had returned")
	default:
		doc.Timing.EmptyMs = value.Absent[float64](value.NotMeasured, "the first process was not seen to end")
	}
	freezer, after := cgroupfs.Freezer{Requested: vanished, Frozen: vanished}, vanished
	if d.Now != nil {
		freezer, after = d.ReadAfter.Freezer, d.ReadAfter.Memory.Current
	}
	doc.Freezer = document.Freezer{Requested: figures.Flag(freezer.Requested), Frozen: figures.Flag(freezer.Frozen)}
	doc.Memory.AfterBytes = figures.Number(after)
	doc.Memory.ReturnedBytes, doc.Memory.CacheBytes = d.returned(after)
	doc.Process.After = count(d.membersAfter, d.afterErr)
	doc.Process.SameProcess = value.Absent[bool](value.NotMeasured, "there was no process before, or is none now")
	if d.sameProcess != nil {
		doc.Process.SameProcess = value.Known(*d.sameProcess)
	}
	if d.Stops() && kind == verdict.Forced && d.unsent() && d.Signal > 0 && d.Signal <= prediction.LastSignal {
		doc.Fix = append(doc.Fix, fmt.Sprintf("%s was never sent: the daemon's log says why the runtime did not (journalctl --unit docker --since -10min)", prediction.Name(d.Signal)))
	} else if d.facts != nil && d.Stops() && (kind == verdict.Forced || kind == verdict.Terminated) {
		doc.Fix = append(doc.Fix, prediction.Advice(*d.facts, kind)...)
	}
}

// count is how many processes there are, unless the list of them may be short.
func count(pids []int, err error) value.Maybe[int] {
	if err != nil {
		return value.Absent[int](value.Failed, err.Error())
	}
	return value.Known(len(pids))
}

// unsent reports whether Docker has told of no signal but SIGKILL.
func (d *containerAction) unsent() bool {
	return d.EventsErr == nil && d.Docker.UntoldByEvents(d.Verb) == "" && !slices.ContainsFunc(d.Heard, func(e dockercli.Event) bool {
		return e.Action == "kill" && e.Signal != strconv.Itoa(int(unix.SIGKILL))
	})
}

var vanished = cgroupfs.Without(cgroupfs.Vanished)

// returned is what the host has got back of what was held before, and what may be left of it. A cgroup that is gone has
// taken all with it but page cache and reclaimable slab: those stay, charged to what is left of it, until the kernel needs
// their room or their files go. v1 does not tell of slab.
func (d *containerAction) returned(after cgroupfs.Figure) (returned, cache value.Maybe[int64]) {
	before, ok := figures.Signed(d.ReadBefore.Memory.Current).Get()
	if d.Group == nil || !ok {
		none := value.Absent[int64](value.NotMeasured, "it did not run before")
		return none, none
	}
	if d.Group.Exists() {
		cache = value.Absent[int64](value.NotMeasured, "the cgroup is there, and its page cache in it")
		v, ok := after.Value()
		if !ok {
			return figures.Signed(after), cache
		}
		return value.Known(before - int64(v)), cache
	}
	cache = memory.Sum(memory.Split(&d.ReadBefore, d.Group.Version), memory.File, memory.SlabReclaimable)
	left, ok := cache.Get()
	if !ok {
		return cache, cache
	}
	return value.Known(max(0, before-left)), cache
}

// judge is the rules' word; nil where there was nothing to end, freeze or resume: of a start there is none.
func (d *containerAction) judge() (v *verdict.Verdict, why string) {
	if d.Verb == "start" || d.Group == nil {
		return nil, "there was nothing to end, freeze or resume"
	}
	facts := d.Facts()
	if d.killPending != "" {
		facts.PendingKill = &verdict.Observation{Source: d.killPending, Value: "a SIGKILL is pending: it ends as soon as it is thawed"}
	}
	judged := verdict.Judge(facts)
	frozen := d.ReadAfter.Freezer.Frozen
	switch {
	case judged.Kind == verdict.Inconclusive && d.givenUp():
		judged.Missing = d.Docker.Engine() + " was given up before it had answered, and the daemon may go on with it"
	case d.Verb == "unpause" && d.CommandErr == nil && d.ReadBefore.Freezer.Frozen.Is(1) && frozen.Is(0) && d.After != nil && d.After.State.Status == "running":
		// Docker's word, and the kernel's that nothing is frozen any more.
		judged.Kind, judged.Missing = verdict.Resumed, ""
	}
	return &judged, ""
}

// retries reports whether on-failure starts it once more (moby, restartmanager).
func (d *containerAction) retries() bool {
	most := d.Before.HostConfig.RestartPolicy.MaximumRetryCount
	return most == 0 || d.After.RestartCount < most
}

// back is what brings the container back, or undoes what was done.
func (d *containerAction) back() document.Undo {
	name, tool := d.name(), d.Docker.Engine()
	policy := value.Clean(d.Before.HostConfig.RestartPolicy.Name)
	start := document.Undo{Command: tool + " start " + name, Effect: "a new process; what was in memory is lost"}
	unpause := document.Undo{Command: tool + " unpause " + name, Effect: "the same process, with the memory it had"}
	ended := d.Ends() && d.EffectAt != nil
	if d.Began.IsZero() && !d.dryRun {
		return document.Undo{Effect: "nothing was done"}
	}
	resumes := document.Undo{Command: tool + " kill --signal CONT " + name, Effect: "the same process, where it was stopped"}
	stops := d.Verb == "kill" && d.Signal == int(unix.SIGSTOP) && d.Group != nil
	off := ""
	if d.Verb == "kill" && d.facts != nil && d.facts.Disarmed(d.Signal) != "" {
		off = "; its restart policy, " + policy + ", is off until it is started anew (" + tool + " restart)"
	}
	resumes.Effect += off
	again := document.Undo{Effect: "nothing to do: it runs again; a new process, and what was in memory is lost"}
	removed := document.Undo{Effect: "nothing brings it back: --rm removes it, with its writable layer; " + tool + " run makes another"}
	switch {
	case d.dryRun && d.Verb == "pause" && !d.Before.State.Paused:
		return unpause
	case d.dryRun && stops:
		return resumes
	case d.dryRun && d.Verb == "restart" && d.mayEnd():
		return again
	case d.dryRun && d.mayEnd() && d.Before.HostConfig.AutoRemove:
		return removed
	case d.dryRun && (d.mayEnd() || d.expected != nil && d.expected.Kind == prediction.Cancelled):
		return start
	case d.dryRun:
		return document.Undo{Effect: "nothing is taken that would have to be brought back"}
	case d.AfterErr != nil:
		return document.Undo{Command: "haltscope inspect " + name, Effect: "how it stands could not be found out: " + dockercli.Cause(d.AfterErr)}
	case d.Ends() && d.givenUp() && !ended:
		return document.Undo{Command: "haltscope inspect " + name, Effect: tool + " was given up before it had answered, and the daemon may go on: look again"}
	case d.After == nil && d.Before.HostConfig.AutoRemove:
		return removed
	case d.After == nil:
		return document.Undo{Effect: "nothing brings it back: there is no such container any more"}
	}
	switch s := d.After.State; {
	case d.killPending != "" && s.Running:
		dies := document.Undo{Command: unpause.Command, Effect: "ends it, for a SIGKILL is pending"}
		if s.Status != "paused" {
			dies = document.Undo{Effect: "a SIGKILL is pending: it ends as soon as it can"}
		}
		return dies
	case s.Status == "paused":
		return unpause
	case s.Status == "restarting" && d.Verb == "kill" && !d.noRules && policy == "unless-stopped":
		return document.Undo{Effect: "nothing to do: its restart policy, unless-stopped, starts it once more, a new process; and not again after that, until " + tool + " start or restart"}
	case s.Status == "restarting":
		return document.Undo{Effect: "nothing to do: its restart policy, " + policy + ", starts it again; a new process"}
	case s.Running && d.ReadAfter.Freezer.Frozen.Is(1):
		return document.Undo{Command: "haltscope inspect " + name, Effect: tool + " cannot thaw what it has not frozen; haltscope inspect tells the way out"}
	case s.Running && ended && d.Verb != "restart":
		return document.Undo{Effect: "nothing to do: its restart policy, " + policy + ", has started it again; a new process, and what was in memory is lost"}
	case s.Running && ended:
		return again
	case s.Running && stops && d.CommandErr == nil:
		return resumes
	case s.Running:
		return document.Undo{Effect: "nothing to do: it runs" + off}
	case s.Status == "removing" && d.Before.HostConfig.AutoRemove:
		return removed
	case !d.noRules && (policy == "always" || policy == "on-failure" && s.ExitCode != 0 && d.retries()):
		start.Effect += "; a restart of the daemon starts it, too, by its policy, " + policy
	}
	return start
}
