package prediction

import (
	"testing"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// TestSignalDroppedByShell checks that a signal that the kernel drops changes nothing, even if the shell ends by itself later.
func TestSignalDroppedByShell(t *testing.T) {
	f := facts(first(program("dash"), plain, func(p *Process) { p.Children, p.InWait4, p.NamespaceInit = 1, true, true }))
	sleep := first(plain, program("sleep"))
	sleep.PID, sleep.Parent, sleep.Arguments, sleep.Age = 200, 100, []string{"sleep", "3"}, ptr(time.Second)
	f.Target.Jobs = []Process{sleep}
	if o := PredictAction(f, Action{Verb: value.Kill, Signal: term}); o.Kind != verdict.RunsOn {
		t.Errorf("%+v", o)
	}
}

// TestShellJobs checks what becomes of a shell that waits for a command in the foreground.
func TestShellJobs(t *testing.T) {
	shell := func(name string, change ...func(*Process)) Process {
		return first(append([]func(*Process){program(name), plain, func(p *Process) { p.Children, p.InWait4 = 1, true }}, change...)...)
	}
	job := func(change ...func(*Process)) Process {
		p := first(append([]func(*Process){plain}, change...)...)
		p.PID, p.Parent = 200, 100
		return p
	}
	sleeps := func(p *Process) { p.Program, p.Arguments, p.Age = "sleep", []string{"sleep", "3"}, ptr(time.Second) }
	background := func(p *Process) { p.Ignored = set(intr, quit) }
	of := func(sh, j Process, change ...func(*Facts)) Facts {
		f := facts(sh)
		f.Target.Jobs = []Process{j}
		for _, c := range change {
			c(&f)
		}
		return f
	}
	group := func(f *Facts) { f.Target.Group = []Member{{PID: 200, Name: "app"}} }
	programIs := func(pid int, t *verdict.SignalTarget, under ...int) func(*Facts) {
		return func(f *Facts) {
			p := verdict.Program{Process: verdict.Process{PID: pid, Name: "app", Target: t}, Under: []verdict.Process{{PID: 100, Name: "dash"}}}
			for _, wrapper := range under {
				p.Under = append(p.Under, verdict.Process{PID: wrapper, Name: "timeout"})
			}
			f.Programs = []verdict.Program{p}
		}
	}
	init1 := func(p *Process) { p.NamespaceInit = true }
	for name, c := range map[string]struct {
		facts Facts
		want  string
	}{
		"dash with a trap":                                    {of(shell("dash", catches), job()), "forced|graceful"},
		"dash with a trap, and a short sleep":                 {of(shell("dash", catches), job(sleeps)), "graceful|forced"},
		"bash with a trap":                                    {of(shell("bash", catches), job()), "forced|graceful"},
		"bash that waits for a background job":                {of(shell("bash", catches), job(background)), "graceful|forced"},
		"a trap, the command is signaled too, and handles it": {of(shell("dash", catches), job(catches), group), "graceful|forced"},
		"a trap, the command is signaled too": {of(shell("dash", catches), job(), group, programIs(200, &verdict.SignalTarget{})),
			"terminated|forced"},
		"a trap, a pipeline, and a helper at its end": {of(shell("dash", catches), job(), group,
			programIs(107, &verdict.SignalTarget{Caught: true})), "graceful|killed|forced"},
		"a trap, a pipeline with a program that has no handler": {of(shell("dash", catches), job(), group,
			programIs(107, &verdict.SignalTarget{})), "terminated|killed|forced"},
		"a trap, the command is a wrapper": {of(shell("dash", catches), job(), group, programIs(107, &verdict.SignalTarget{}, 200)),
			"terminated|forced"},
		"the command ignores it":                  {of(shell("dash", catches), job(ignores), group), "forced|graceful"},
		"the shell ignores it, the command not":   {of(shell("dash", ignores), job(catches), group), "graceful|forced"},
		"both ignore it":                          {of(shell("dash", ignores), job(ignores), group), "forced"},
		"first, no trap":                          {of(shell("dash", init1), job()), "forced"},
		"first, no trap, a short sleep":           {of(shell("dash", init1), job(sleeps)), "forced|exited"},
		"first, no trap, a sleep for too long":    {of(shell("dash", init1), job(sleeps), grace(time.Second)), "forced"},
		"a shell that no signal but its own ends": {of(shell("dash"), job(), group), "terminated"},
		"sleep as the first process":              {facts(first(sleeps)), "exited|forced"},
		"sleep, and a grace without an end":       {facts(first(sleeps), grace(-1)), "exited"},
		"busybox sleep": {facts(first(sleeps, program("busybox"),
			func(p *Process) { p.Applet = "sleep" })), "exited|forced"},
		"sleep 1000": {facts(first(sleeps, func(p *Process) { p.Arguments[1] = "1000" })), "forced"},
		"sleep infinity": {facts(first(sleeps, func(p *Process) { p.Arguments[1] = "infinity" })),
			"forced"},
	} {
		if o := Predict(c.facts).Stop; text(&o) != c.want {
			t.Errorf("%s: %s, wanted %s; %v", name, text(&o), c.want, o.Because)
		}
	}
}
