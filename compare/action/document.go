package action

import (
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/memory"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// document returns the record's part of the JSON contract.
func (r *record) document() document.ContainerAction {
	args := r.dockerAction(nil).Args(r.name())
	doc := document.ContainerAction{Name: r.name(), ID: r.Before.ID, StatusBefore: value.Clean(r.Before.State.Status),
		Paste: r.Docker.Pasteable(args), GraceMs: r.graceMs(),
		Command: document.Command{Argv: append([]string{r.Docker.Binary()},
			args...)}, Predicted: r.expected.document(r.Docker.Engine()), Consequences: r.consequences(),
		Signals: []value.Maybe[int]{}, Events: []document.Event{}, Fix: []string{}, Undo: r.restore()}
	doc.Memory.BeforeBytes = figures.Number(r.ReadBefore.Memory.Current)
	doc.Process.Before = r.membersBefore.count()
	if r.Group == nil {
		doc.Memory.BeforeBytes = value.Absent[uint64](value.Vanished, "it was not running")
		doc.Process.Before = value.Known(0)
	}
	if !r.performed() {
		nothing := "nothing was done"
		doc.Verdict = value.Absent[document.Verdict](value.NotMeasured, nothing)
		doc.ExitCode, doc.Command.ExitCode = value.Absent[int](value.NotMeasured, nothing), value.Absent[int](value.NotMeasured, nothing)
		doc.Ends = value.Absent[[]document.Ended](value.NotMeasured, nothing)
		return doc
	}
	r.writeResult(&doc)
	return doc
}

// graceMs returns how long docker waits before SIGKILL.
func (r *Request) graceMs() value.Maybe[float64] {
	switch {
	case !r.Stops():
		return value.Absent[float64](value.Unsupported, string(r.Verb)+" has no grace")
	case r.Grace < 0:
		return value.Absent[float64](value.Max, "docker waits without a limit")
	}
	return value.Known(value.Milliseconds(r.Grace))
}

// document returns what the rules of predict said.
func (e *expectation) document(engine dockercli.Engine) value.Maybe[document.Outcome] {
	if e.noRules {
		return value.Absent[document.Outcome](value.Unsupported,
			fmt.Sprintf("predict does not work with %s: %s", engine, target.PredictDockerOnly))
	}
	return value.Known(target.Outcome(e.outcome))
}

// mayEnd reports whether the container is expected to end, or may.
func (r *record) mayEnd() bool {
	o := r.expected.outcome
	if o == nil {
		return r.Ends() && r.Group != nil
	}
	return r.Ends() && (o.OwnExitCode || len(o.ExitCodes) > 0)
}

// mayOutlive reports whether a signal is sent that the container is expected to outlive, or may.
func (r *record) mayOutlive() bool {
	return r.expected.facts != nil && r.mayRunOn() && (!r.mayEnd() || r.expected.outcome.Kind == prediction.Undecided)
}

// consequences returns what else is lost, and what comes back.
func (r *record) consequences() []document.Because {
	all := []document.Because{}
	if r.mayEnd() {
		all = target.Evidence(r.expected.consequences)
	}
	if r.mayOutlive() {
		all = append(all, target.Evidence(r.expected.facts.DisabledPolicyConsequences(r.Signal))...)
	}
	return all
}

// writeResult writes what the phases found out since the command began.
func (r *record) writeResult(doc *document.ContainerAction) {
	doc.Command = r.Command()
	v, why := r.judge()
	if v != nil {
		doc.Verdict = value.Known(r.Verdict(*v))
	} else {
		v = &verdict.Verdict{}
		doc.Verdict = value.Absent[document.Verdict](value.NotMeasured, why)
	}
	doc.State = r.State()
	doc.ExitCode = value.Absent[int](value.NotMeasured, "there was nothing to end")
	if r.Ends() && r.Group != nil {
		doc.ExitCode = r.EndedWith()
	}
	doc.Events = r.ListEvents(r.EventsSeen)
	doc.Ends, doc.EndsMissed = r.ListEnds()
	for _, e := range doc.Events {
		if e.Action == "kill" {
			doc.Signals = append(doc.Signals, e.Signal)
		}
	}
	doc.Timing = r.timing()
	freezer, current := r.ReadAfter.Freezer, r.ReadAfter.Memory.Current
	doc.Freezer = document.Freezer{Requested: figures.Flag(freezer.Requested), Frozen: figures.Flag(freezer.Frozen)}
	doc.Memory.AfterBytes = figures.Number(current)
	doc.Memory.ReturnedBytes, doc.Memory.CacheBytes = r.returned(current)
	doc.Process.After = r.membersAfter.count()
	doc.Process.SameProcess = r.sameProcess
	doc.Fix = append(doc.Fix, r.advice(v)...)
}

// advice says what to change where a stop did not end the container by the container's own doing.
func (r *record) advice(v *verdict.Verdict) (fix []string) {
	kind := v.Kind
	switch {
	case len(r.wayOut()) > 0 && kind != verdict.Paused:
		for _, command := range r.wayOut() {
			fix = append(fix, "`"+command+"`")
		}
		return fix
	case kind == verdict.RunsOn && r.expected.facts != nil && len(prediction.Unreached(*r.expected.facts)) > 0:
		return target.Fix(prediction.Unreached(*r.expected.facts), r.name(), target.StopLater)
	case !r.Stops():
		return nil
	case kind == verdict.Forced && r.noStopSignal() && value.ValidSignal(r.Signal):
		return []string{fmt.Sprintf("%s was never sent: see the daemon's log for the reason (journalctl --unit docker --since -10min)",
			value.SignalName(r.Signal))}
	case r.expected.facts != nil:
		facts := *r.expected.facts
		facts.Strain.During = r.During
		return target.Fix(prediction.AdviseOn(facts, v), r.name(), target.StopLater)
	}
	return nil
}

// noStopSignal reports whether Docker's events are complete, and show no signal but SIGKILL.
func (r *record) noStopSignal() bool {
	return r.EventsErr == nil && r.Docker.Engine().EventsLack(r.Verb) == "" && !slices.ContainsFunc(r.EventsSeen,
		func(e dockercli.Event) bool {
			return e.Action == "kill" && e.Signal != strconv.Itoa(int(unix.SIGKILL))
		})
}

func (r *record) timing() document.ActionTiming {
	t := document.ActionTiming{CommandMs: value.Known(value.Milliseconds(r.Call.Elapsed)), EffectMs: r.Effect()}
	switch {
	case r.emptyAt != nil:
		t.EmptyMs = value.Known(value.Milliseconds(max(r.emptyAt.Sub(r.Began), 0))) // it may have been empty before
	case r.Ends() && r.EffectAt != nil:
		t.EmptyMs = value.Absent[float64](value.NotMeasured, "its cgroup still had processes "+EffectLimit.String()+" after docker returned")
	default:
		t.EmptyMs = value.Absent[float64](value.NotMeasured, "the first process was not seen to end")
	}
	return t
}

// count returns how many processes there are, unless the list of them may be incomplete.
func (m *members) count() value.Maybe[int] {
	if m.err != nil {
		return value.Absent[int](value.Failed, m.err.Error())
	}
	return value.Known(len(m.pids))
}

// returned returns how much of the memory before the action the host has got back, and how much page cache may be left of it. A
// cgroup that is gone has freed everything but page cache and reclaimable slab: those stay, charged to what is left of the cgroup,
// until the kernel needs the memory or their files are deleted. v1 does not report slab. current is the memory charged now.
func (r *record) returned(current figure.Figure) (returned, cache value.Maybe[int64]) {
	before, ok := figures.Signed(r.ReadBefore.Memory.Current).Get()
	if r.Group == nil || !ok {
		none := value.Absent[int64](value.NotMeasured, "it was not running before")
		return none, none
	}
	if r.Group.Exists() {
		cache = value.Absent[int64](value.NotMeasured, "the cgroup still exists and holds its page cache")
		v, ok := current.Value()
		if !ok {
			return figures.Signed(current), cache
		}
		return value.Known(before - int64(v)), cache
	}
	cache = memory.Sum(memory.Split(&r.ReadBefore, r.Group.Version), memory.File, memory.SlabReclaimable)
	left, ok := cache.Get()
	if !ok {
		return cache, cache
	}
	return value.Known(max(0, before-left)), cache
}
