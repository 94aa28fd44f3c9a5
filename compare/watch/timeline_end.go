package watch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// facts lays a run before the rules.
func (l *Timeline) facts(i *run) (f verdict.Facts, base time.Time) {
	kills := i.before(l.asking(i))
	f = verdict.Facts{Wait: i.waitStatus, OOMKills: i.oomKillsUnreported(), OOMSource: i.sources["oom_kill"], OOMSpared: i.spared()}
	base = i.end.at
	if len(kills) > 0 {
		base = kills[0].at
		f.Signal = kills[0].signal
		f.Verb = "kill"
	}
	nine := slices.IndexFunc(kills, func(k sentSignal) bool { return k.signal == 9 })
	unheard := l.unheard(i)
	switch {
	case i.stopEvent, unheard != "" && nine > 0 && l.stops(f.Signal): // whose event Docker may still owe
		f.Verb = "stop"
		if f.Signal == 0 {
			f.Signal = l.stopSignal()
		}
		if f.Signal == 9 {
			f.Signal = l.stopSignal() // which could not be sent, or is SIGKILL
		}
		grace := l.grace()
		f.Grace, f.GraceGuessed = &grace, true
	case nine >= 0:
		f.Signal = 9
	case f.Verb == "kill" && f.Signal == 0 && unheard == "" && i.waitStatus != nil && i.waitStatus.Signaled():
		f.Signal = int(i.waitStatus.Signal()) // a label hides what Docker sent, and the kernel tells what came
	}
	for _, k := range kills {
		f.Events = append(f.Events, verdict.Event{Action: "kill", Signal: k.signal, At: k.at.Sub(base)})
	}
	if i.oomEvent {
		f.Events = append(f.Events, verdict.Event{Action: "oom", At: i.oomAt().Sub(base)})
	}
	if i.end.source == sourceDieEvent {
		f.Events = append(f.Events, verdict.Event{Action: "die", At: i.end.at.Sub(base)})
	} else {
		f.EventsError = "the end was learnt from " + i.end.source
	}
	f.Unheard = unheard
	if i.stopEvent {
		f.Events = append(f.Events, verdict.Event{Action: "stop"})
	}
	f.State, f.StateError = l.state(i)
	if i.exitedAt != nil && len(kills) > 0 {
		if gone := i.exitedAt.Sub(base); gone >= 0 { // the clock may have been set
			f.GoneAt = &gone
		}
	}
	if len(kills) > 0 {
		f.Receiver = i.dispositions.To(f.Signal)
	}
	if i.shimPID != 0 {
		f.Shim = &verdict.Shim{PID: i.shimPID}
		if i.shimLost != nil {
			lost := i.shimLost.Sub(base)
			f.Shim.LostAt = &lost
		}
	}
	return f, base
}

// before leaves out the signals that came too late to have ended a run: Docker tells of a signal once its runtime has sent
// it, which may hang.
func (i *run) before(kills []sentSignal) []sentSignal {
	end := i.endedAt().Add(forcedSettleTime)
	return slices.DeleteFunc(slices.Clone(kills), func(k sentSignal) bool { return k.at.After(end) })
}

// asking are the signals that have asked for the end of a run: what was outlived before has not.
func (l *Timeline) asking(i *run) []sentSignal {
	if !i.stopEvent {
		// One whose grace is without end is never told of; no stop has come of it, so that after so long it was outlived, too.
		return slices.DeleteFunc(slices.Clone(i.signals), func(k sentSignal) bool {
			return k.outlived || l.patience(k.signal) < 0 && i.end.at.Sub(k.at) > maxSkew
		})
	}
	// A stop has sent its signal and, once the grace ran out, SIGKILL. Its signal is the last that has the number of the
	// container's own and is not outlived; or, where docker stop was given another one, or a label hides it, the one whose
	// grace it is until SIGKILL; or else the last before that.
	last := len(i.signals) - 1
	if last <= 0 {
		return i.signals
	}
	forced := i.signals[last].signal == 9 || i.signals[last].signal == 0
	for n := last; n >= 0; n-- {
		if k := &i.signals[n]; !k.outlived && k.signal != 0 && k.signal == l.stopSignal() {
			return i.signals[n:]
		}
	}
	for n := last - 1; n >= 0 && forced; n-- {
		if waited := i.signals[last].at.Sub(i.signals[n].at); i.signals[n].signal != 9 && l.grace() >= 0 && (waited-l.grace()).Abs() < 2*time.Second {
			return i.signals[n:]
		}
	}
	begins := last
	switch {
	case i.signals[last].signal == 9:
		begins = last - 1
	case forced: // all are hidden: there is no telling which began it, and SIGKILL may be among them
		begins = max(0, slices.IndexFunc(i.signals, func(k sentSignal) bool { return !k.outlived }))
	}
	return i.signals[begins:]
}

// state is the state of a run that has ended: inspect's, if it was asked before the next run began; else the kernel's
// wait status; else what the event said, unless a label may have replaced it.
func (l *Timeline) state(i *run) (*verdict.State, string) {
	switch {
	case i.inspected != nil && !i.another():
		return &verdict.State{Status: "exited", ExitCode: i.inspected.ExitCode, OOMKilled: i.inspected.OOMKilled}, ""
	case i.waitStatus != nil:
		return &verdict.State{Status: "exited", ExitCode: exitCode(*i.waitStatus), Source: verdict.WaitSource}, ""
	}
	code, err := strconv.Atoi(i.eventCode)
	switch {
	case err != nil:
		return nil, "the run was over, and another one or none in its place, before Docker could be asked for its exit code"
	case l.container == nil && !l.labels.known:
		return nil, "the container's labels are not known, one of which may have replaced the exit code of the event: " + strconv.Itoa(code)
	case l.hides("exitCode"):
		return nil, "a label replaces the exit code of the event, and the container was not there to be asked"
	}
	return &verdict.State{Status: "exited", ExitCode: code, Source: "docker events: die"}, ""
}

// another reports whether what inspect says of the end is another run's: neither the kernel's word nor made up.
func (i *run) another() bool {
	code, madeUp := verdict.MadeUp(i.inspected.ExitCode, i.waitStatus)
	return i.waitStatus != nil && !madeUp && code != exitCode(*i.waitStatus)
}

// exitCode is what Docker makes of a wait status.
func exitCode(wait unix.WaitStatus) int {
	if wait.Signaled() {
		return 128 + int(wait.Signal())
	}
	return wait.ExitStatus()
}

// end tells how a run ended.
func (l *Timeline) end(i *run) Line {
	f, base := l.facts(i)
	v := verdict.Judge(f)
	action := "die"
	switch {
	case v.ByItself && (!i.stopEvent || len(i.signals) == 0): // no signal had a part in it, or a stop came too late to send one
	case i.stopEvent:
		action = "stop"
	case f.Verb == "stop" && v.Kind == verdict.Inconclusive: // whether it was one is what is missing
		action = "kill"
	case f.Verb != "":
		action = f.Verb
	}
	line := l.line(i.endedAt(), action, v.Kind, "", v.Because...)
	line.Missing = v.Missing
	if lost := f.Shim != nil && f.Shim.LostAt != nil && f.Wait == nil; f.State != nil && !lost { // else Docker made it up
		code, _ := verdict.MadeUp(f.State.ExitCode, f.Wait)
		line.ExitCode = &code
	}
	if i.end.source == sourceKernel && i.answered.After(i.exitLearned) {
		line.Because = append(line.Because, verdict.Observation{Source: sourceInspect, Value: "running, after that"})
	}
	for _, e := range f.Events {
		if e.Action == "kill" {
			line.Signals = append(line.Signals, e.Signal)
		}
	}
	took := i.end.at.Sub(base)
	if f.GoneAt != nil {
		took = *f.GoneAt
	}
	if len(line.Signals) > 0 && took >= 0 {
		line.Duration = &took
	}
	if f.OOMKills != nil && *f.OOMKills > 0 {
		line.OOMKills = f.OOMKills
	}
	if v.Kind == verdict.OOMKilled || line.OOMKills != nil {
		l.explain(i, &line, i.chosen(v.Kind))
	}
	if f.Receiver != nil {
		f.Receiver = i.dispositions.Unnamed().To(f.Signal)
		line.RedactedBecause = verdict.Judge(f).Because
	}
	line.say(func(names bool) string {
		text := endText(v, f, line)
		switch {
		case v.Kind == verdict.OOMKilled:
			text = "killed by the OOM killer" + line.OOM.text(line.OOMKills, names) + "; " + codeText(line)
		case line.OOM != nil:
			text += "; before, the OOM killer had killed " + value.Count(int(*line.OOMKills), "process", "processes") + " in it" + line.OOM.text(line.OOMKills, names)
		}
		return text + i.notConfirmed(v.Kind)
	})
	return line
}

func codeText(line Line) string {
	if line.ExitCode == nil {
		return "exit code unknown"
	}
	return fmt.Sprintf("exit code %d", *line.ExitCode)
}

func endText(v verdict.Verdict, f verdict.Facts, line Line) string {
	code, after := codeText(line), ""
	if line.Duration != nil {
		after = " after " + value.Duration(float64(line.Duration.Microseconds())/1000)
	}
	switch v.Kind {
	case verdict.Graceful:
		return "ended gracefully" + after + ", " + code
	case verdict.Terminated:
		return "ended" + after + " by the default action of the signal: nothing of the program ran, " + code
	case verdict.Forced:
		how := v.How
		if !strings.Contains(how, "SIGKILL") {
			how += ", SIGKILL"
		}
		return "forced: " + how + ", " + code
	case verdict.Killed:
		switch {
		case v.Sender == verdict.ByRequest && v.How == "":
			return "killed by request" + after + ", " + code
		case v.Sender == verdict.Outside && f.Verb == "":
			return "killed from outside: Docker sent no signal, " + code
		}
		return "killed: " + v.How + ", " + code
	case verdict.Exited:
		return "ended by itself, " + code
	case verdict.Crashed:
		if f.Wait != nil && f.Wait.Signaled() {
			return "crashed on " + signalText(int(f.Wait.Signal())) + ", " + code
		}
		if line.ExitCode != nil && verdict.IsCrash(*line.ExitCode-128) {
			return "crashed, " + code + ", as on " + signalText(*line.ExitCode-128)
		}
		return "failed by itself, " + code
	}
	how := "ended"
	if f.Wait != nil && f.Wait.Signaled() {
		how += " on " + signalText(int(f.Wait.Signal()))
	}
	return how + ", " + code + "; why is not known: " + v.Missing
}

func signalText(n int) string {
	if name := unix.SignalName(unix.Signal(n)); name != "" {
		return fmt.Sprintf("%s (signal %d)", name, n)
	}
	return fmt.Sprintf("signal %d", n)
}

// unseenEnd tells of a run that was removed with its container while nothing was heard of Docker.
func (l *Timeline) unseenEnd(i *run) Line {
	i.told = true
	line := l.line(l.removal.at, "die", verdict.Inconclusive, "ended before it was removed, and nobody told how",
		verdict.Observation{Source: l.removal.source, Value: "no such container"})
	line.Missing = "no event told of the end"
	if i.waitStatus != nil {
		line.Because = append(line.Because, verdict.Observation{Source: verdict.WaitSource, Value: fmt.Sprintf("wait status %#x", uint32(*i.waitStatus))})
	}
	return line
}
