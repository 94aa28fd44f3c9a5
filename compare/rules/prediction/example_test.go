package prediction_test

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
)

// A Python program without a handler for SIGTERM is PID 1 of its container: the kernel drops the signal.
func ExamplePredict() {
	p := prediction.Predict(prediction.Facts{
		Signal:        unix.SIGTERM,
		SignalFrom:    "docker's default",
		Grace:         10 * time.Second,
		GraceFrom:     "docker's default",
		CgroupVersion: 2,
		Target: prediction.SignalTarget{First: prediction.Process{PID: 4242, NSPID: []int{4242, 1}, Name: "python3", Program: "python3.11",
			NamespaceInit: true, Threads: []proc.Thread{{TID: 4242, State: 'S', WaitKnown: true}}}},
	})
	fmt.Println("stop:", p.Stop.Kind, p.Stop.ExitCodes, "after", *p.Stop.After)
	last := p.Stop.Because[len(p.Stop.Because)-1]
	fmt.Printf("because %s: %s\n", last.Source, last.Value)
	fmt.Println("kill:", p.Kill.Kind)
	fmt.Println("pause:", p.Pause.Kind)
	fmt.Println("advice:", p.Advice[0].Change, p.Advice[0].Runtime)
	// Output:
	// stop: forced [137] after 10s
	// because signal(7); kernel/signal.c, sig_task_ignored: python3 is PID 1 and has no SIGTERM handler, so the kernel drops SIGTERM
	// kill: killed
	// pause: paused
	// advice: handle python
}
