package why

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/rules/grace"
	"haltscope/compare/rules/past"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// facts returns what is known of a run, for the rules.
func (s *sources) facts(sub *subject, r *run) past.Facts {
	f := past.Facts{StartedAt: r.started, EndedAt: r.ended, SeenFrom: s.seenFrom(), SeenError: s.seenError(), Container: s.container(sub, r)}
	hidden := labelsOf(sub)
	s.addCode(&f, sub, r, hidden)
	for _, e := range r.events {
		f.Events = append(f.Events, event(e, hidden))
	}
	s.addDaemonLog(&f, sub, r)
	s.addKernel(&f, sub, r)
	s.addSystemJournal(&f, sub, r)
	if r.watched != nil {
		f.Watched = watchedFacts(r.watched)
		if code := f.Watched.Code; code != nil { // a watch does not take one that Docker made up for the program's
			f.Code, f.CodeSource, f.CodeDoubt = code, "haltscope watch", ""
		}
	}
	if s.bootErr == nil {
		f.BootAt = &s.boot
	}
	if s.daemonErr == nil {
		f.Starts = append(f.Starts, s.daemonStarted)
	}
	return f
}

// addCode adds the exit code, and what docker inspect says about the OOM killer.
func (s *sources) addCode(f *past.Facts, sub *subject, r *run, hidden labels) {
	if r.inspected {
		state := &sub.container.State
		f.Code, f.CodeSource, f.OOMKilled = &state.ExitCode, "docker inspect", &state.OOMKilled
		f.Unhealthy = state.Health != nil && state.Health.Status == "unhealthy"
		return
	}
	code, err := strconv.Atoi(r.code)
	failed := sub.container != nil && sub.container.State.Error != ""
	switch {
	case s.noDocker != nil:
		f.CodeMissing = "Docker does not answer"
	case r.code == "" && failed:
		f.CodeMissing = "docker inspect has that of a start that failed since, and Docker's events from the time of the end are gone"
	case r.code == "" && s.historyErr != nil:
		f.CodeMissing = "docker inspect is about a later run, and Docker's events could not be read"
	case r.code == "":
		f.CodeMissing = "docker inspect is about a later run, and Docker's events from that time are gone"
	case hidden.exitCode == yes:
		f.CodeMissing = "a label named exitCode replaces that of the event, and docker inspect does not tell"
	case err != nil:
		f.CodeMissing = "the event has none that is a number"
	default:
		f.Code, f.CodeSource = &code, "docker events: die"
		if hidden.exitCode == unknown {
			f.CodeDoubt = "a label named exitCode may have replaced it"
		}
	}
}

// event returns an event for the rules. A label named signal replaces the number of a signal.
func event(e dockercli.Event, hidden labels) past.Event {
	p := past.Event{Action: e.Action, At: e.Time}
	if n, ok := e.SignalNumber(); ok && e.Action == "kill" && hidden.signal != yes && value.ValidSignal(value.Signal(n)) {
		p.Signal = value.Signal(n)
		if hidden.signal == unknown {
			p.Doubt = "a label named signal may have replaced it"
		}
	}
	return p
}

// answer is yes, no or unknown.
type answer int

const (
	unknown answer = iota
	yes
	no
)

// labels says whether a container has labels that replace attributes of its events.
type labels struct{ signal, exitCode answer }

// labelsOf finds that out: docker inspect knows the labels, and an event that has no such attribute of its own shows them.
func labelsOf(sub *subject) labels {
	of := func(has bool) answer {
		if has {
			return yes
		}
		return no
	}
	if sub.container != nil {
		keys := sub.container.Config.Labels
		return labels{of(keys.Has("signal")), of(keys.Has("exitCode"))}
	}
	for _, e := range sub.events {
		if e.Action != "kill" && e.Action != "die" && !strings.HasPrefix(e.Action, "exec_") {
			return labels{of(e.Signal != ""), of(e.ExitCode != "")}
		}
	}
	return labels{}
}

// addDaemonLog adds what dockerd's log tells about a run.
func (s *sources) addDaemonLog(f *past.Facts, sub *subject, r *run) {
	if s.log == nil {
		return
	}
	f.Starts = slices.Clone(s.log.Starts)
	if s.setErr == nil && !s.settings.LiveRestore { // or else it leaves containers running
		f.Shutdowns = s.log.Shutdowns
	}
	for i := range s.log.Forced {
		line := &s.log.Forced[i]
		if line.ID == sub.id && within(line.At, r, forcedBefore, lateSignal) {
			f.Forced = &past.Forced{At: line.At, Grace: line.Grace, Signal: value.Signal(line.Signal), Source: s.logFrom}
		}
	}
	f.NotForced = f.Forced == nil && r.ended != nil && s.log.Covers(r.ended.Add(-forcedBefore), r.ended.Add(-time.Millisecond))
}

// forcedBefore is how long the end may take after dockerd has sent SIGKILL because a grace ran out: it waits 10 s, sends another one, and
// waits 2 s (moby, daemon/kill.go).
const forcedBefore = 15 * time.Second

// within reports whether something happened to a run: not before its start, and at most so long before or after its end.
func within(at time.Time, r *run, before, after time.Duration) bool {
	if r.started != nil && at.Before(*r.started) || r.ended == nil {
		return false
	}
	return !at.Before(r.ended.Add(-before)) && !at.After(r.ended.Add(after))
}

// tolerance returns how far the kernel's log and Docker may be apart about the time of the same thing.
func (s *sources) tolerance(at time.Time) time.Duration {
	const least, perMillion = 50 * time.Millisecond, 50
	off := time.Duration(0)
	if s.kernel != nil {
		off = s.kernel.Off
	}
	return least + off + max(s.read.Sub(at), 0)*perMillion/1_000_000
}

// assignKills gives each kill in the kernel's log to the run of the container that it was in. A container that is started again has the
// same cgroup.
func (s *sources) assignKills(id string, runs []run) {
	for _, k := range s.kills {
		if !inContainer(k.Cgroup, id) {
			continue
		}
		if r := runAt(runs, k.At, k.Early, s.tolerance(k.At)); r != nil {
			r.kills = append(r.kills, k)
		}
	}
}

// runAt returns the run in which the OOM killer chose a process; nil for none. If two are possible, it is the one with the nearest end.
// The process may have been chosen earlier than latest, by up to early.
func runAt(runs []run, latest time.Time, early, tolerance time.Duration) (best *run) {
	var bestAt time.Time
	for i := range runs {
		r := &runs[i]
		at := atMost(latest, early, r.ended)
		if r.ended == nil || at.After(r.ended.Add(tolerance)) || r.started != nil && at.Before(r.started.Add(-tolerance)) {
			continue
		}
		if best == nil || r.ended.Sub(at).Abs() < best.ended.Sub(bestAt).Abs() {
			best, bestAt = r, at
		}
	}
	return best
}

// addKernel adds what the kernel's log tells about a run.
func (s *sources) addKernel(f *past.Facts, sub *subject, r *run) {
	if r.ended == nil {
		return
	}
	f.KernelLog = s.kernel != nil && !s.kernel.Oldest.IsZero() && !s.kernel.Oldest.After(r.ended.Add(-forcedBefore))
	for _, k := range r.kills {
		f.Kills = append(f.Kills, past.OOMKill{At: atMost(k.At, k.Early, r.ended), Source: k.source, PID: k.PID, Name: value.Clean(k.Name),
			Place: place(k.PastKill, sub.id), Limit: limit(k.PastKill, sub.id), OwnLimit: ownLimit(k.PastKill, sub.id)})
	}
	if f.Code == nil {
		return
	}
	const before = time.Second
	for _, x := range s.faults {
		at, tolerance := atMost(x.At, x.Early, r.ended), s.tolerance(x.At)
		if faultCode(x.Text, *f.Code) && !at.Before(r.ended.Add(-before-tolerance)) && !at.After(r.ended.Add(tolerance)) {
			f.Faults = append(f.Faults, past.Fault{At: at, Source: x.source, PID: x.PID, Name: value.Clean(x.Name), Text: value.Clean(x.Text)})
		}
	}
}

// ownLimit reports whether the limit of the container itself had run out, and not that of a cgroup above or below its own.
func ownLimit(k *cgroupfs.PastKill, id string) bool {
	own, elsewhere := cgroupfs.CutAtID(k.LimitOf, id)
	return elsewhere == nil && own == k.LimitOf
}

// place returns where the kernel listed a victim among the processes of its container. It lists others as well if the limit was that of
// a cgroup above, and not all of them if it was that of a cgroup below.
func place(k *cgroupfs.PastKill, id string) past.Place {
	if !ownLimit(k, id) || k.LimitOf != k.Cgroup {
		return past.PlaceUnknown
	}
	return past.PlaceOf(k.PID, k.Tasks)
}

// limit says what had run out.
func limit(k *cgroupfs.PastKill, id string) string {
	_, elsewhere := cgroupfs.CutAtID(k.LimitOf, id)
	switch {
	case k.OutOfNodeMemory():
		return "because the permitted NUMA nodes ran out of memory"
	case k.OutOfHostMemory():
		return "because the host ran out of memory"
	case elsewhere != nil:
		return "at the limit of " + value.Clean(k.LimitOf)
	case !ownLimit(k, id):
		return "at the limit of a cgroup within the container"
	}
	return "at the container's memory limit"
}

// faultCode reports whether an exit code is one that a fault leads to: SIGSEGV, or SIGILL for an invalid opcode, and so on.
func faultCode(fault string, code int) bool {
	signal := value.Signal(code - 128)
	switch fault {
	case "segfault", "general protection fault":
		return signal == value.SIGSEGV || signal == value.SIGBUS
	case "invalid opcode":
		return signal == value.SIGILL
	case "divide error":
		return signal == value.SIGFPE
	}
	return signal == value.SIGTRAP || signal == value.SIGSEGV || signal == value.SIGBUS
}

// container returns what is known of the container of a run.
func (s *sources) container(sub *subject, r *run) past.Container {
	p := past.Container{StopSignal: value.SIGTERM, Grace: value.DefaultGrace, ZeroIsReal: s.zeroIsReal(), RestartedByPolicy: r.byPolicy}
	c := sub.container
	if c == nil {
		return p
	}
	p.Known, p.NamespaceInit = true, c.HostConfig.PidMode == ""
	if signal, err := value.ParseStopSignal(c.Config.StopSignal); err == nil {
		p.StopSignal = signal
	}
	settings := grace.Settings{Container: c.Config.StopTimeout, Daemon: s.grace, Engine: s.engine}
	if s.graceErr != nil {
		settings.DaemonError = s.graceErr.Error()
	}
	p.Grace, _ = grace.Decide(settings)
	s.addProgram(&p, c)
	policy := c.HostConfig.RestartPolicy.Name
	p.PolicyOff = r.inspected && c.State.Status == "exited" && c.State.Error == "" && (policy == "always" || policy == "unless-stopped")
	return p
}

// zeroIsReal reports whether the engine is older than those that may write 0 where they lose a container's shim.
func (s *sources) zeroIsReal() bool {
	newer, known := value.VersionAtLeast(s.engine, "23.0")
	return known && !newer
}

// addProgram adds what the container runs: the program by its name, and an init, a wrapper or a shell in front of it.
func (s *sources) addProgram(p *past.Container, c *dockercli.Container) {
	argv := slices.Concat(c.Config.Entrypoint, c.Config.Cmd)
	if len(argv) == 0 {
		p.Shell = true // nobody knows what it is
		return
	}
	name := path.Base(argv[0])
	p.Program = value.Clean(name)
	if strings.HasPrefix(name, "tini-") {
		name = "tini"
	}
	if _, ok := prediction.Inits[name]; ok {
		p.Front = name
	}
	p.Shell = slices.Contains([]string{"sh", "bash", "dash", "ash", "zsh", "ksh", "busybox"}, name) || strings.HasSuffix(name, ".sh") ||
		strings.Contains(name, "entrypoint")
	switch asked := c.HostConfig.Init; {
	case !p.NamespaceInit:
	case asked != nil && *asked, asked == nil && s.setErr == nil && s.settings.Init:
		p.Front = "docker-init"
	case asked == nil && s.setErr != nil:
		p.Shell = true // it may be under dockerd's init
	}
}
