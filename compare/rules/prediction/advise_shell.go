package prediction

import (
	"slices"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// young is how old a shell may be that still prepares what it is to start, such as by a migration or by waiting for a server. It is
// Docker's default grace.
const young = 10 * time.Second

// shell advises on a shell that gets the signal.
func (a *adviser) shell(p *Process) []Advice {
	command, foreground := p.command()
	switch {
	case p.interactive():
		advice, better := a.useSignal(value.SIGHUP, Interactive)
		if !better {
			return nil
		}
		return []Advice{advice}
	case p.hasTrap(a.Signal) && a.outcome != verdict.Terminated:
		return a.trapped(p, command, foreground)
	case slices.Contains(harmlessByDefault, a.Signal):
		return a.insteadOf(EndsNothing)
	case command == nil && p.Children == 0:
		return a.idleShell(p)
	}
	return a.untrapped(p, command, foreground)
}

// idleShell advises on a shell that runs no command.
func (a *adviser) idleShell(p *Process) (all []Advice) {
	all = []Advice{{Change: TrapLoop, Signal: a.Signal, Program: p.label()}}
	if kind, better := a.better(a.withInit()); better {
		all = append(all, Advice{Change: UseInit, Signal: a.Signal, Ends: onlyTerminated(kind)})
	}
	return all
}

// untrapped advises on a shell that has no trap for the signal.
func (a *adviser) untrapped(p, command *Process, foreground bool) []Advice {
	look := lookAgain(p, command, foreground)
	_, isSleep := command.sleeps()
	switch {
	case isSleep && len(look) > 0:
		return look
	case isSleep:
		return []Advice{{Change: TrapLoop, Signal: a.Signal, Program: p.label(), Command: command.label()}}
	}
	return append(a.throughShell(p, command, ""), look...)
}

// lookAgain advises to wait for a young shell that waits for a command, other than one that only lets a long time pass.
func lookAgain(p, command *Process, foreground bool) []Advice {
	sleep, isSleep := command.sleeps()
	if p.Age == nil || *p.Age >= young || !foreground || isSleep && sleep > pause {
		return nil
	}
	return []Advice{{Change: LookAgain, Program: p.label(), Command: command.label(), Age: *p.Age}}
}

// Early says, of a container that was looked at, that its shell may yet start another program; nil where that is not so.
func Early(f Facts) []Advice {
	p := f.Target.Process()
	if p == nil || !isShell(p) {
		return nil
	}
	command, foreground := p.command()
	return lookAgain(p, command, foreground)
}

// trapped advises on a shell whose trap does not end it within the grace.
func (a *adviser) trapped(p, command *Process, foreground bool) (all []Advice) {
	if foreground {
		return a.throughShell(p, command, TrapWaits)
	}
	all = append(all, Advice{Change: TrapExit, Signal: a.Signal, Program: p.label(), Command: commandName(command)})
	return append(all, a.slow(p, MayHaveHandler)...)
}

// throughShell advises how the signal gets to the program that a shell waits for: without the shell, or by its trap.
func (a *adviser) throughShell(p, command *Process, why Reason) (all []Advice) {
	trap := Advice{Change: TrapForm, Why: why, Signal: a.Signal, Program: p.label()}
	if command == nil {
		return []Advice{{Change: ExecForm, Signal: a.Signal}, trap}
	}
	program := command.last()
	trap.Command = program.label()
	exec, better := a.exec(command)
	if better {
		all = append(all, exec)
	}
	if kind := a.trapComesTo(program); rank(kind) > rank(a.outcome) {
		trap.Ends = onlyTerminated(kind)
		all = append(all, trap)
	}
	if !slices.ContainsFunc(all, func(one Advice) bool { return one.Ends == "" }) {
		handle := a.handle(program, NoHandler)
		handle.With = []Change{ExecForm}
		all = append(all, handle)
	}
	return all
}

// trapComesTo returns what becomes of a program if the trap of its shell sends it SIGTERM.
func (a *adviser) trapComesTo(program *Process) verdict.Kind {
	sent, alone := a.withSignal(value.SIGTERM), *program
	alone.NamespaceInit = false
	sent.Target = SignalTarget{First: alone}
	o := sent.stop()
	return o.likeliest()
}

// exec advises to start a command without a shell in front, and whether that helps. A shell that is the command itself must go, too.
func (a *adviser) exec(command *Process) (Advice, bool) {
	program := *command.last()
	advice := Advice{Change: ExecForm, Signal: a.Signal, Command: program.label()}
	for q := command; isShell(q) && q.PID != program.PID; {
		advice.Scripts = append(advice.Scripts, q.label())
		q, _ = q.command()
	}
	if background(&program) { // it would not be, without the shell
		program.Ignored &^= 1<<(value.SIGINT-1) | 1<<(value.SIGQUIT-1)
	}
	changed := a.withProgram(program)
	kind, better := a.better(changed)
	if !better {
		kind, better = a.better(changed.withInit())
		advice.With = []Change{UseInit}
	}
	advice.Ends = onlyTerminated(kind)
	return advice, better
}

// command returns the program that a shell runs: the youngest one in the foreground or, if there is none, the youngest one. nil
// means that it runs none, or that it is not known.
func (p *Process) command() (command *Process, foreground bool) {
	for i := range p.Commands {
		if c := &p.Commands[i]; !background(c) || command == nil {
			command, foreground = c, !background(c)
		} else if !foreground {
			command = c
		}
	}
	return command, foreground && p.waitsForCommand()
}

// last returns the program at the end of a chain of shells.
func (p *Process) last() *Process {
	for isShell(p) {
		command, _ := p.command()
		if command == nil {
			return p
		}
		p = command
	}
	return p
}

// background reports whether a command of a shell was started with &: a shell without job control lets it ignore SIGINT and SIGQUIT.
// Source: POSIX.1-2017, Shell Command Language, 2.11; tested: dash 0.5, bash 5.2, busybox 1.35, mksh 59.
func background(command *Process) bool {
	return command.Ignored.Has(value.SIGINT) && command.Ignored.Has(value.SIGQUIT)
}

// waitsForCommand reports whether a shell may wait for a command in the foreground: for one in the background, dash and busybox
// wait in rt_sigsuspend. mksh waits there for both.
func (p *Process) waitsForCommand() bool { return p.InWait4 || p.Program == "mksh" }

// hasTrap reports whether a shell has a trap for a signal. dash, bash and busybox catch SIGINT themselves, mksh a few more, and bash
// all that end it if it has a trap for EXIT, which they then run.
func (p *Process) hasTrap(signal value.Signal) bool {
	if !p.Caught.Has(signal) {
		return false
	}
	switch {
	case signal == value.SIGINT || signal == value.SIGCHLD:
		return false
	case p.Program == "mksh":
		return !slices.Contains([]value.Signal{value.SIGHUP, value.SIGQUIT, 14, value.SIGTERM, value.SIGWINCH}, signal)
	}
	return true
}

// interactive reports whether a shell is an interactive one with job control: such a shell ignores SIGTERM, and SIGTSTP and SIGTTOU
// for its own sake. Source: bash(1), SIGNALS; tested: dash 0.5, bash 5.2, busybox 1.35.
func (p *Process) interactive() bool {
	return p.Ignored.Has(value.SIGTERM) && p.Ignored.Has(value.SIGTSTP) && p.Ignored.Has(value.SIGTTOU)
}

// pause is how long a script may sleep before it goes on to something else. A longer sleep is what the script is for.
const pause = 5 * time.Minute

// sleeps reports whether a process is sleep(1), and for how long it sleeps yet; for long, if that is not known or has no end.
func (p *Process) sleeps() (left time.Duration, ok bool) {
	if p == nil || p.known() != "sleep" && p.known() != "busybox sleep" {
		return 0, false
	}
	if left := p.sleepLeft(); left != nil {
		return *left, true
	}
	return 2 * pause, true
}

func commandName(p *Process) string {
	if p == nil {
		return ""
	}
	return p.label()
}
