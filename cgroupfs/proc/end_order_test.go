package proc

import (
	"context"
	"os/exec"
	"testing"
	"time"
)

// The order in which two processes ended is known even if both ended before anyone asked.
func TestEndOrder(t *testing.T) {
	for _, c := range []struct {
		name string
		ends []int // indices of the processes, in the order in which they are killed
		late bool  // the EndOrder is made only then
		want bool  // the first one is reported to have ended before the second
	}{
		{"the first, and then the second", []int{0, 1}, false, true},
		{"the second, and then the first", []int{1, 0}, false, false},
		{"the first alone", []int{0}, false, true},
		{"the second alone", []int{1}, false, false},
		{"the first, before the EndOrder was made", []int{0}, true, true},
		{"both, before the EndOrder was made: unknown", []int{0, 1}, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var cmds [2]*exec.Cmd
			var processes [2]*Process
			for i := range processes {
				cmds[i] = exec.Command("sleep", "60")
				if err := cmds[i].Start(); err != nil {
					t.Fatal(err)
				}
				defer func() { cmds[i].Process.Kill(); cmds[i].Wait() }()
				var err error
				if processes[i], err = OpenProcess(cmds[i].Process.Pid); err != nil {
					t.Fatal(err)
				}
				defer processes[i].Close()
			}
			end := func() {
				for _, i := range c.ends {
					cmds[i].Process.Kill()
					cmds[i].Wait()
				}
			}
			if c.late {
				end()
			}
			order, err := NewEndOrder(processes[0], processes[1])
			if err != nil {
				t.Fatal(err)
			}
			defer order.Close()
			if !c.late {
				end()
			}
			if _, before, err := order.Await(context.Background()); err != nil || before != c.want {
				t.Errorf("%t, %v; want %t", before, err, c.want)
			}
		})
	}
}

// Await ends with its context if neither process ends.
func TestEndOrderOfNone(t *testing.T) {
	self, err := OpenProcess(1)
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	order, err := NewEndOrder(self, self)
	if err == nil {
		order.Close()
		t.Error("the same process twice was accepted")
	}
	sleep := exec.Command("sleep", "60")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { sleep.Process.Kill(); sleep.Wait() }()
	other, err := OpenProcess(sleep.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if order, err = NewEndOrder(self, other); err != nil {
		t.Fatal(err)
	}
	defer order.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := order.Await(ctx); err == nil {
		t.Error("no process has ended, and there is no error")
	}
}
