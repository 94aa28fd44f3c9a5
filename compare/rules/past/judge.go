package past

import (
	"fmt"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Observation is one thing that was observed.
type Observation struct {
	Source string
	At     *time.Time // nil where the time says nothing
	Value  string
}

// Verdict is how a run ended.
type Verdict struct {
	Kind       value.Kind
	Confidence value.Confidence
	How        string // as a clause; "" where the kind says all
	Because    []Observation
	Missing    string // for an inconclusive verdict: what would decide
}

// The sources.
const (
	inspectSource = "docker inspect"
	eventSource   = "docker events"
	kernelSource  = "/dev/kmsg"
)

const sigkillExitCode = 128 + int(value.SIGKILL)

// Judge decides how a run ended.
func Judge(f Facts) Verdict {
	j := &judge{Facts: f, most: value.Certain}
	if w := f.Watched; w != nil && w.Kind != value.Inconclusive {
		return Verdict{Kind: w.Kind, Confidence: value.Certain, How: w.How, Because: w.Because}
	}
	j.note()
	kind, confidence := j.kind()
	v := Verdict{Kind: kind, Confidence: confidence, How: j.how, Because: j.because, Missing: j.missing}
	if confidence == value.Certain && j.most != value.Certain {
		v.Confidence = j.most
	}
	return v
}

// judge collects the observations on the way to a kind.
type judge struct {
	Facts
	because []Observation
	how     string
	missing string
	most    value.Confidence // the verdict is no surer than this
}

func (j *judge) kind() (value.Kind, value.Confidence) {
	if j.Code == nil {
		return j.withoutCode()
	}
	if j.madeUp() {
		return j.inconclusive("how it ended: %s", j.how)
	}
	code := *j.Code
	switch {
	case code == sigkillExitCode:
		return j.sigkill()
	case verdict.IsCrash(value.Signal(code - 128)):
		return j.crashed()
	}
	if request := j.request(); request != nil {
		return j.requested(request)
	}
	if s := j.asksToEnd(); s != nil {
		if !j.otherName(s) || code == 0 || code == value.SignalExitCode(s.Signal) {
			return j.mayHaveEnded(s)
		}
		j.cap() // it may have led to that code
	}
	unseen, early := j.unseen()
	if j.Container.RestartedByPolicy {
		j.observe(inspectSource, nil, "its restart policy started it again: Docker was not asked to end it")
		if unseen != "" || early {
			j.cap()
		}
		return j.byItself()
	}
	if unseen != "" {
		return j.notSeen(unseen)
	}
	if early {
		j.cap() // a handler may take longer than anybody waits for it
	}
	return j.byItself()
}

func (j *judge) withoutCode() (value.Kind, value.Confidence) {
	if j.Forced != nil {
		j.how = j.forcedHow()
		return value.Forced, value.Likely // it may have ended by itself at that moment
	}
	if k := j.lastKill(); k != nil && k.Place == Only {
		j.how = fmt.Sprintf("the OOM killer killed %s (pid %d), %s", k.Name, k.PID, k.Limit)
		return value.OOMKilled, value.Likely
	}
	for i := range j.OOMSignals {
		if s := &j.OOMSignals[i]; s.Whole && s.Done {
			j.how = sentToAll(s)
			return value.Killed, value.Likely
		}
	}
	return j.inconclusive("the exit code: %s", j.CodeMissing)
}

// notSeen judges an end of which it is not known whether Docker was asked for it.
func (j *judge) notSeen(unseen string) (value.Kind, value.Confidence) {
	j.notePolicyOff()
	if j.NotForced {
		j.observe("dockerd's log", nil, "no stop of it whose grace ran out")
	}
	what := "whether it failed by itself or after docker stop"
	if *j.Code == 0 {
		what = "whether it ended by itself or after docker stop"
	}
	return j.inconclusive("%s: %s", what, unseen)
}

// note notes what each source says.
func (j *judge) note() {
	if j.Code != nil {
		j.observe(j.CodeSource, j.EndedAt, "exit code %d", *j.Code)
		if j.CodeDoubt != "" {
			j.observe(j.CodeSource, nil, "unconfirmed: %s", j.CodeDoubt)
			j.cap()
		}
	}
	if j.OOMKilled != nil && *j.OOMKilled {
		j.observe(inspectSource, nil, "OOMKilled true")
	}
	if j.Unhealthy {
		j.observe(inspectSource, nil, "unhealthy: its health check had failed, which by itself ends nothing")
	}
	if j.StartedAt != nil && j.EndedAt != nil && j.EndedAt.Before(*j.StartedAt) {
		j.observe(inspectSource, nil, "it ended before it started: the clock was set back")
		j.cap()
	}
	for i := range j.Events {
		j.noteEvent(&j.Events[i])
	}
	if j.Forced != nil {
		j.observe(j.Forced.Source, &j.Forced.At, "failed to exit within %s of signal %d - using the force", j.Forced.Grace, j.Forced.Signal)
	}
	j.noteKernel()
	j.noteUserSpace()
	if j.Watched != nil {
		j.because = append(j.because, j.Watched.Because...)
		j.observe("haltscope watch", nil, "inconclusive: %s", j.Watched.Missing)
	}
}

func (j *judge) noteEvent(e *Event) {
	switch e.Action {
	case "kill":
		number := "unknown: a label named signal replaces it"
		if e.Signal != 0 {
			number = fmt.Sprint(int(e.Signal))
		}
		if e.Doubt != "" {
			number += ", unconfirmed: " + e.Doubt
			j.cap()
		}
		j.observe(eventSource, &e.At, "kill, signal %s", number)
	case "oom", "stop", "destroy":
		j.observe(eventSource, &e.At, "%s", e.Action)
	}
}

func (j *judge) observe(source string, at *time.Time, format string, args ...any) {
	j.because = append(j.because, Observation{Source: source, At: at, Value: fmt.Sprintf(format, args...)})
}

func (j *judge) inconclusive(format string, args ...any) (value.Kind, value.Confidence) {
	j.missing = fmt.Sprintf(format, args...)
	return value.Inconclusive, value.Unsure
}

// crashed judges an end with the exit code of a signal that nobody sends to end a container.
func (j *judge) crashed() (value.Kind, value.Confidence) {
	signal := value.Signal(*j.Code - 128)
	if j.how = j.dumped(signal); j.how == "" {
		j.how = "as on " + value.SignalName(signal)
	}
	return value.Crashed, value.Likely // a program may return that code itself
}

// window is how long before the end a signal may have been sent that caused it. Below 0, there is no limit.
func (j *judge) window() time.Duration {
	const least, slack = value.DefaultGrace, 5 * time.Second
	if j.Container.Grace < 0 {
		return -1
	}
	return max(j.Container.Grace, least) + slack
}

// unseen returns why Docker may have sent a signal of which nothing is known; "" if it has not. early reports that this is so only for
// the time of the end.
func (j *judge) unseen() (why string, early bool) {
	switch {
	case j.SeenError != "":
		return j.SeenError, false
	case j.SeenFrom == nil:
		return "Docker has no events any more", false
	case j.StartedAt != nil && !j.SeenFrom.After(*j.StartedAt):
		return "", false
	case j.EndedAt != nil && j.window() >= 0 && !j.SeenFrom.After(j.EndedAt.Add(-j.window())):
		return "", true
	}
	return "Docker's events from that time are gone (it keeps the last 256)", false
}

// cap makes no verdict surer than likely.
func (j *judge) cap() { j.most = value.Likely }
