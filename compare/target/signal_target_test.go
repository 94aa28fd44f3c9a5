package target

import (
	"os/exec"
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
	time.Sleep(200 * time.Millisecond)
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
