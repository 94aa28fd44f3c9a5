package target

import (
	"reflect"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
)

func signals(all ...unix.Signal) (s proc.SignalSet) {
	for _, n := range all {
		s |= 1 << (n - 1)
	}
	return s
}

// process returns a process with one thread that blocks some signals.
func process(pid int, name string, blocked ...unix.Signal) prediction.Process {
	return prediction.Process{PID: pid, Name: name, Program: name, Threads: []proc.Thread{{TID: pid, State: 'S', Blocked: signals(blocked...),
		WaitKnown: true}}}
}

func TestDispositionFor(t *testing.T) {
	plain := process(42, "app")
	catches := process(42, "app")
	catches.Caught, catches.NamespaceInit = signals(unix.SIGTERM), true
	ignores := process(42, "app")
	ignores.Ignored = signals(unix.SIGTERM)
	accepts := process(42, "app", unix.SIGTERM)
	accepts.SignalFDs = []proc.SignalSet{signals(unix.SIGTERM)}
	node := catches
	node.Program = "node"
	golang := catches
	golang.Caught, golang.Go = ^proc.SignalSet(0), &proc.GoProgram{Wanted: new(proc.SignalSet)}
	unread := plain
	unread.Threads = nil
	child := process(43, "child")
	dumbInit := process(42, "dumb-init", unix.SIGTERM)
	init := func(rewrites map[unix.Signal]unix.Signal) *Dispositions {
		return &Dispositions{First: dumbInit, Init: "dumb-init", Child: &child, Forwarders: []prediction.Forwarder{{Name: "dumb-init",
			Process: dumbInit, Options: prediction.Options{Rewrites: rewrites}}}}
	}
	no := false
	for name, c := range map[string]struct {
		dispositions *Dispositions
		want         *verdict.SignalTarget
	}{
		"default action": {&Dispositions{First: plain}, &verdict.SignalTarget{PID: 42, Name: "app"}},
		"caught":         {&Dispositions{First: catches}, &verdict.SignalTarget{PID: 42, Name: "app", Caught: true, NamespaceInit: true}},
		"ignored":        {&Dispositions{First: ignores}, &verdict.SignalTarget{PID: 42, Name: "app", Ignored: true}},
		"blocked": {&Dispositions{First: process(42, "app", unix.SIGTERM)},
			&verdict.SignalTarget{PID: 42, Name: "app", Blocked: true}},
		"by a runtime": {&Dispositions{First: node}, &verdict.SignalTarget{PID: 42, Name: "app", Caught: true, NamespaceInit: true,
			Runtime: "Node.js"}},
		"child of an init": {init(nil), &verdict.SignalTarget{PID: 43, Name: "child", Init: "dumb-init"}},
		"an init that returns another code": {&Dispositions{First: dumbInit, Init: "tini", Child: &child, Forwarders: []prediction.Forwarder{
			{Name: "tini", Process: dumbInit, Options: prediction.Options{ZeroFor: []int{143}}}}},
			&verdict.SignalTarget{PID: 43, Name: "child", Init: "tini", EndCode: new(int)}},
		"another signal": {init(map[unix.Signal]unix.Signal{15: 2}), &verdict.SignalTarget{PID: 43, Name: "child", Init: "dumb-init",
			Delivered: 2}},
		"no signal forwarded": {init(map[unix.Signal]unix.Signal{15: 0}), &verdict.SignalTarget{PID: 43, Name: "child", Init: "dumb-init",
			Delivered: -1}},
		"not known":  {&Dispositions{First: unread}, nil},
		"an error":   {&Dispositions{Error: "denied"}, nil},
		"never read": {nil, nil},
	} {
		got := c.dispositions.For(unix.SIGTERM)
		if (got == nil) != (c.want == nil) || got != nil && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, wanted %+v", name, got, c.want)
		}
	}
	if got := (&Dispositions{First: accepts}).For(unix.SIGTERM); got == nil || got.Accepts == "" || got.Blocked {
		t.Errorf("accepted: %+v", got)
	}
	if got := (&Dispositions{First: golang}).For(unix.SIGTERM); got == nil || got.Runtime != "Go" || got.AsksFor == nil ||
		*got.AsksFor != no || !got.CatchesAll {
		t.Errorf("a Go program: %+v", got)
	}
	if got := (&Dispositions{First: plain}).For(0); got != nil {
		t.Errorf("no signal: %+v", got)
	}
}

// The command that a shell waits for is looked at if an init signals it as well.
func TestSignaledJob(t *testing.T) {
	tini, shell, job := process(42, "tini", unix.SIGTERM), process(43, "dash"), process(44, "python3")
	shell.Ignored, shell.Children, shell.InWait4 = signals(unix.SIGTERM), 1, true
	job.Parent, job.Caught = 43, signals(unix.SIGTERM)
	d := Dispositions{First: tini, Init: "tini", Child: &shell, Jobs: []prediction.Process{job},
		Forwarders: []prediction.Forwarder{{Name: "tini", Process: tini}}}
	if got := d.For(unix.SIGTERM); got == nil || got.Job != nil {
		t.Errorf("not signaled: %+v", got)
	}
	d.Group = []prediction.Member{{PID: 44}}
	if got := d.For(unix.SIGTERM); got == nil || got.Job == nil || got.Job.Name != "python3" || !got.Job.Caught {
		t.Errorf("signaled: %+v", got)
	}
	if got := d.WithoutNames().For(unix.SIGTERM); got == nil || got.Job.Name != "a command" || d.Jobs[0].Alias != "" {
		t.Errorf("%+v", got)
	}
}

// Reports that name no programs say "the program" and "an init".
func TestWithoutNames(t *testing.T) {
	child := process(43, "child")
	tini := process(42, "tini", unix.SIGTERM)
	named := &Dispositions{First: tini, Init: "tini", Child: &child, Forwarders: []prediction.Forwarder{{Name: "tini", Process: tini}}}
	if got := named.WithoutNames().For(unix.SIGTERM); got.Name != "the program" || got.Init != "an init" {
		t.Errorf("%+v", got)
	}
	if got := named.For(unix.SIGTERM); got.Name != "child" || got.Init != "tini" {
		t.Errorf("the original has changed: %+v", got)
	}
	if (*Dispositions)(nil).WithoutNames() != nil {
		t.Error("dispositions out of nothing")
	}
}
