package proof_test

import (
	"fmt"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/proof"
	"haltscope/compare/value"
)

// A twin was paused for three seconds and used no CPU time.
func Example() {
	start := time.Unix(1000, 0)
	reading := func(after time.Duration) cgroupfs.Reading {
		return cgroupfs.Reading{At: start.Add(after), CPUUsage: figure.Number(5000)}
	}
	facts := proof.Facts{Version: 2, Sources: map[string]string{"cpu": "cpu.stat: usage_usec"},
		Hold: value.Known(proof.Hold{Effective: reading(0), After: reading(3 * time.Second)}),
		Stop: value.Absent[proof.Stop](value.NotMeasured, "there was no twin of docker stop")}

	for _, p := range proof.Judge(facts) {
		switch p.Claim {
		case proof.NoCPUTime:
			holds, _ := p.Holds.Get()
			fmt.Println(p.Text, holds, p.Measured)
		case proof.StopFrees:
			fmt.Println(p.Text)
			fmt.Println("Not tested:", p.Holds.Detail())
		}
	}
	// Output:
	// A frozen container uses no CPU time. true +0 µs in 3.00 s.
	// docker stop gives the host back everything except page cache, which counted as available before.
	// Not tested: there was no twin of docker stop
}
