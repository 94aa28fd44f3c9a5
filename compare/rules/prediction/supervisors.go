package prediction

import (
	"fmt"
	"slices"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// supervisors are programs that run services, and that have their own way to stop them.
var supervisors = map[string]Init{
	"s6-svscan": {Behavior: StopsServices,
		Text:   "s6-svscan has its supervisors stop their services and ends on TERM, INT and QUIT",
		Source: "skarnet.org/software/s6/s6-svscan.html, Signals; tested: 2.11",
		EndsOn: []value.Signal{value.SIGTERM, value.SIGINT, value.SIGQUIT, value.SIGABRT}},
	"supervisord": {Behavior: StopsServices, Interpreters: []string{"python*", "pypy*"},
		Text:   "supervisord sends each program its stopsignal, waits for its stopwaitsecs, kills it, and ends, on TERM, INT and QUIT",
		Source: "supervisord.org/running.html#signals; tested: 4.2",
		EndsOn: []value.Signal{value.SIGTERM, value.SIGINT, value.SIGQUIT}},
	"systemd": {Behavior: StopsServices,
		Text: "systemd as a container's init stops its units and ends on SIGRTMIN+3 to +6 and INT; on TERM it re-executes itself and keeps " +
			"running",
		Source: "systemd(1), signals; read, not run",
		EndsOn: append(realTime(3, 6), append(realTime(13, 16), value.SIGINT)...)},
	"runsvdir": {Behavior: StopsServices,
		Text: "runsvdir ends at once on TERM, and signals none of its services; on HUP it sends TERM to each runsv, and ends without waiting " +
			"for them, with exit code 111",
		Source: "smarden.org/runit/runsvdir.8; tested: 2.1",
		EndsOn: []value.Signal{value.SIGTERM, value.SIGHUP}},
	"openrc-init": {Behavior: StopsServices,
		Text: "openrc-init runs the runlevel shutdown on TERM and reboot on INT, sends TERM to all processes and, up to 3 s later, KILL, and " +
			"ends by reboot(2); without CAP_SYS_BOOT it keeps running",
		Source: "openrc src/openrc-init; tested: 0.45", Waits: true,
		EndsOn: []value.Signal{value.SIGTERM, value.SIGINT},
		ToAll:  &ToAll{Signal: value.SIGTERM, KillAfter: 3 * time.Second}},
	"runit": {Behavior: StopsServices,
		Text: "runit as the first process stops its services and ends on CONT, if /etc/runit/stopit can be executed, and on no other signal; " +
			"it blocks TERM",
		Source: "smarden.org/runit/runit.8; tested: 2.1", Waits: true},
	"busybox init": {Behavior: StopsServices,
		Text: "busybox init runs its shutdown actions on TERM, USR1, USR2 and PWR, sends TERM to all processes and, 1 s later, KILL, and ends " +
			"2 s after that by reboot(2) or, without CAP_SYS_BOOT and since version 1.30, by returning 0",
		Source: "busybox init/init.c; tested: 1.35", Waits: true,
		EndsOn: []value.Signal{value.SIGTERM, value.SIGUSR1, value.SIGUSR2, value.SIGPWR},
		ToAll:  &ToAll{Signal: value.SIGTERM, KillAfter: time.Second, Takes: 3 * time.Second}},
	"sysvinit": {Behavior: StopsServices,
		Text: "sysvinit runs the ctrlaltdel action of /etc/inittab on INT and a power action on PWR, and goes on; it ends only if those " +
			"lead to reboot(2), which needs CAP_SYS_BOOT, and it ignores TERM",
		Source: "init(8), of sysvinit; tested: 3.06"},
}

// realTime returns the real-time signals SIGRTMIN+first to SIGRTMIN+last.
func realTime(first, last value.Signal) (all []value.Signal) {
	for n := first; n <= last; n++ {
		all = append(all, value.SIGRTMIN+n)
	}
	return all
}

// supervisorAnswers decides what a signal that a supervisor takes does.
func (f *Facts) supervisorAnswers(o *Outcome, p *Process) {
	name := f.Target.Supervisor
	init := Inits[name]
	o.Reason = ServicesFirst
	o.note(init.Source, "%s", init.Text)
	if script := f.Target.Scripts[f.Signal]; script != "" {
		o.note("/proc/PID/root", "%s runs %s on %s, in place of its own answer", name, script, value.SignalName(f.Signal))
		f.undecided(o, fmt.Sprintf("what %s does%s", script, f.ofStop(onTwin)), verdict.Graceful, verdict.Forced)
		return
	}
	switch {
	case name == "runit" && f.Signal == value.SIGCONT:
		f.undecided(o, "whether /etc/runit/stopit can be executed"+f.ofStop(onTwin), verdict.Forced, verdict.Graceful)
	case name == "sysvinit" && p.CanReboot && (f.Signal == value.SIGINT || f.Signal == value.SIGPWR):
		f.undecided(o, "what its action for "+value.SignalName(f.Signal)+" does"+f.ofStop(onTwin), verdict.Forced, verdict.Graceful)
	case (name == "openrc-init" || name == "sysvinit") && !p.CanReboot:
		o.note(p.status()+": CapEff", "it has no CAP_SYS_BOOT")
		f.survive(o, EndsNothing)
	case !slices.Contains(init.EndsOn, f.Signal):
		o.note(init.Source, "%s does not end it", value.SignalName(f.Signal))
		f.survive(o, EndsNothing)
	case (name == "runsvdir" || f.Signal == value.SIGABRT) && len(f.Programs) > 0: // it waits for nobody
		at := time.Duration(0)
		o.Kind, o.OwnExitCode, o.After = verdict.Killed, true, &at
		o.note("cgroup.procs", "its services are killed with SIGKILL once it has ended")
	case name == "runsvdir":
		o.Kind, o.OwnExitCode = verdict.Graceful, true
		if f.Signal == value.SIGHUP {
			o.Kind, o.OwnExitCode, o.ExitCodes = verdict.FailedStopping, false, []int{111}
		}
		o.note("/proc/PID/status: SigCgt", "%s catches %s", p.label(), value.SignalName(f.Signal))
	case init.ToAll != nil:
		f.signalsAll(o, p, init.ToAll)
	default:
		f.undecided(o, "how long its services take to stop"+f.ofStop(onTwin), verdict.Graceful, verdict.Forced)
	}
}
