package target

import (
	"errors"
	"maps"
	"os/exec"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
)

// A process of this machine, and one that is not there.
func TestFindSignalTarget(t *testing.T) {
	sleep := exec.Command("sleep", "1000")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { sleep.Process.Kill(); sleep.Wait() }()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) { // it is starting
		threads, err := proc.ReadThreads(sleep.Process.Pid)
		if err != nil || time.Now().After(end) {
			t.Fatalf("it does not sleep: %+v, %v", threads, err)
		}
		if threads[0].State == 'S' && threads[0].WaitKnown {
			break
		}
	}
	r := FindSignalTarget(sleep.Process.Pid, []int{sleep.Process.Pid})
	p := r.Process()
	if r.Error != "" || p == nil || r.Init != "" || p.NamespaceInit {
		t.Fatalf("%+v", r)
	}
	if way, because := p.Disposition(unix.SIGTERM, time.Second); way != prediction.DefaultAction {
		t.Errorf("%v, %v", way, because)
	}
	if r := FindSignalTarget(1<<22+1, nil); r.Error == "" || r.Process() != nil {
		t.Errorf("%+v", r)
	}
}

// What an init has started itself is its eldest child.
func TestEldestChild(t *testing.T) {
	stats := map[int]proc.Stat{
		1: {PID: 1, State: 'S'}, 9: {PID: 9, PPID: 1, StartTime: 5, State: 'S'}, 4: {PID: 4, PPID: 1, StartTime: 7, State: 'S'},
		3: {PID: 3, PPID: 1, StartTime: 1, State: 'Z'}, 2: {PID: 2, PPID: 9, StartTime: 2, State: 'S'},
	}
	if pid, ok := eldestChild(1, stats); !ok || pid != 9 {
		t.Error(pid, ok)
	}
	if _, ok := eldestChild(4, stats); ok {
		t.Error("a child of none")
	}
}

// What an init signals is its child's process group, wherever the processes of it are in the tree.
func TestGroupOf(t *testing.T) {
	stats := map[int]proc.Stat{
		1: {PID: 1, State: 'S', PGRP: 1}, 2: {PID: 2, PPID: 1, State: 'S', PGRP: 2, StartTime: 1}, 3: {PID: 3, PPID: 2, State: 'S', PGRP: 2},
		4: {PID: 4, PPID: 2, State: 'S', PGRP: 4}, 5: {PID: 5, PPID: 1, State: 'S', PGRP: 2, StartTime: 2}, 6: {PID: 6, PPID: 2, State: 'Z',
			PGRP: 2},
		7: {PID: 7, PPID: 2, State: 'S', PGRP: 1},
	}
	for name, c := range map[string]struct {
		options           prediction.Options
		group, unsignaled []int
	}{
		"its child alone":    {prediction.Options{}, nil, []int{3, 4, 5, 7}},
		"the child's group":  {prediction.Options{Group: true}, []int{3, 5}, []int{4, 7}},
		"its own group, too": {prediction.Options{OwnGroup: true}, []int{7}, []int{3, 4, 5}},
	} {
		r := prediction.SignalTarget{First: process(1, "tini"), Init: "tini", Child: &prediction.Process{PID: 2}}
		r.Forwarders = []prediction.Forwarder{{Name: "tini", Process: r.First, Options: c.options}}
		r.Group = groupOf(&r.Forwarders[0], &r, stats)
		if got := pids(r.Group); !slices.Equal(got, c.group) {
			t.Errorf("%s: signals %v, wanted %v", name, got, c.group)
		}
		read := func(pid int) (proc.Stat, error) { return stats[pid], nil }
		all, err := unsignaled(&r, slices.Sorted(maps.Keys(stats)), read)
		if got := pids(all); err != nil || !slices.Equal(got, c.unsignaled) {
			t.Errorf("%s: does not signal %v, wanted %v; %v", name, got, c.unsignaled, err)
		}
		for _, m := range all {
			if m.Apart != (stats[m.PID].PGRP != 2) {
				t.Errorf("%s: %+v", name, m)
			}
		}
	}
}

func pids(members []prediction.Member) (all []int) {
	for _, m := range members {
		all = append(all, m.PID)
	}
	return all
}

// TestReadEndingProcess checks that nothing is said of a process that is ending: without its program and its arguments, an init would
// be taken for a program of its own.
func TestReadEndingProcess(t *testing.T) {
	command := exec.Command("sleep", "1000")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer command.Wait()
	pid := command.Process.Pid
	command.Process.Kill()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		stat, err := proc.ReadStat(pid)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("%+v, %v", stat, err)
		}
		if stat.Exiting {
			break
		}
	}
	if p, err := readProcess(pid, nil); !errors.Is(err, proc.ErrNoProcess) {
		t.Errorf("%+v, %v", p, err)
	}
	if d := ReadDispositions(pid, []int{pid}); d != nil {
		t.Errorf("%+v", d)
	}
}
