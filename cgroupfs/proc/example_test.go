package proc_test

import (
	"context"
	"fmt"
	"os/exec"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
)

// A process that does not handle SIGTERM is ended by it. Its wait status shows that until its parent has waited for it.
func ExampleProcess() {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		fmt.Println(err)
		return
	}
	defer cmd.Wait()
	process, err := proc.OpenProcess(cmd.Process.Pid)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer process.Close()
	if err := process.Signal(unix.SIGTERM); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := process.AwaitEnd(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	if status, state := process.WaitStatus(); state == figure.Present {
		fmt.Println("ended by", unix.SignalName(status.Signal()))
	}
	// Output: ended by SIGTERM
}
