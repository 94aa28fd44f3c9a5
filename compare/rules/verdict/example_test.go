package verdict_test

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// A docker stop of a shell that is PID 1 and has no handler for SIGTERM: the kernel drops the signal, and the grace runs out.
func ExampleJudge() {
	grace := 10 * time.Second
	v := verdict.Judge(verdict.Facts{
		Verb:   value.Stop,
		Signal: unix.SIGTERM,
		Grace:  &grace,
		Events: []verdict.Event{
			{Action: "kill", Signal: unix.SIGTERM, At: 5 * time.Millisecond},
			{Action: "kill", Signal: unix.SIGKILL, At: 10010 * time.Millisecond},
			{Action: "die", At: 10030 * time.Millisecond},
		},
		State:  &verdict.State{Status: "exited", ExitCode: 137},
		Target: &verdict.SignalTarget{PID: 4242, Name: "sh", NamespaceInit: true},
	})
	fmt.Println(v.Kind)
	for _, o := range v.Because {
		fmt.Printf("%s: %s\n", o.Source, o.Value)
	}
	// Output:
	// forced
	// docker events: kill, signal 15
	// docker events: kill, signal 9
	// docker events: die
	// docker inspect: exited, exit code 137
	// docker stop: the grace of 10s ran out
}
