package cgroupfs

import (
	"context"
	"os/exec"
	"testing"
	"time"
)

// TestOrder: which of two processes ended first is known also if both have ended before anyone looks.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name string
		ends []int // indices, in the order in which they are ended
		late bool  // the Order is made afterwards
		want bool  // the first is seen to have ended before the second
	}{
		{"the first, and then the second", []int{0, 1}, false, true},
		{"the second, and then the first", []int{1, 0}, false, false},
		{"the first alone", []int{0}, false, true},
		{"the second alone", []int{1}, false, false},
		{"the first, before there was an order", []int{0}, true, true},
		{"both, before there was an order: nobody knows", []int{0, 1}, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var cmds [2]*exec.Cmd
			var both [2]*Process
			for i := range both {
				cmds[i] = exec.Command("sleep", "60")
				if err := cmds[i].Start(); err != nil {
					t.Fatal(err)
				}
				defer func() { cmds[i].Process.Kill(); cmds[i].Wait() }()
				var err error
				if both[i], err = OpenProcess(cmds[i].Process.Pid); err != nil {
					t.Fatal(err)
				}
				defer both[i].Close()
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
			order, err := NewOrder(both[0], both[1])
			if err != nil {
				t.Fatal(err)
			}
			defer order.Close()
			if !c.late {
				end()
			}
			if _, before, err := order.Await(context.Background()); err != nil || before != c.want {
				t.Errorf("%t, %v; wanted %t", before, err, c.want)
			}
		})
	}
	// Neither ends.
	self, err := OpenProcess(1)
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	order, err := NewOrder(self, self)
	if err == nil {
		order.Close()
		t.Error("one process twice is no order")
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
	if order, err = NewOrder(self, other); err != nil {
		t.Fatal(err)
	}
	defer order.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := order.Await(ctx); err == nil {
		t.Error("nothing has ended, and nothing was wrong")
	}
}
