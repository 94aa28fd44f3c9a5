package proc

import (
	"testing"
	"time"

	"haltscope/cgroupfs/figure"
)

// One visit to a CPU serves many readings. Between visits its clock runs on.
func TestClockCache(t *testing.T) {
	visits := 0
	c := clockCache{known: map[int]clockReading{}, visit: func(cpu int) figure.Figure {
		visits++
		if cpu == 9 {
			return figure.Without(figure.NotMeasured)
		}
		return figure.Number(1000)
	}}
	first := c.read(0)
	for c.read(0) == first {
		time.Sleep(time.Microsecond)
	}
	for range 10 {
		if got := c.read(9); got.State() != figure.NotMeasured {
			t.Errorf("%s", got)
		}
	}
	if visits != 2 {
		t.Errorf("%d visits to 2 CPUs", visits)
	}
	c.known[0] = clockReading{figure.Number(5), time.Now().Add(-2 * maxClockAge)}
	if v, ok := c.read(0).Value(); !ok || v < 1000 || visits != 3 {
		t.Errorf("%d after %d visits", v, visits)
	}
}

// A thread visits only CPUs on which this process may run.
func TestVisitCPU(t *testing.T) {
	shared := sharedCPUs()
	if len(shared) == 0 {
		t.Skip("all CPUs that this process may use are set apart")
	}
	if f := visitCPU(shared[0], time.Minute); f.State() == figure.NotMeasured || f.State() == figure.Failed {
		t.Errorf("CPU %d: %s", shared[0], f)
	}
	if f := visitCPU(shared[len(shared)-1]+1, time.Minute); f.State() != figure.NotMeasured {
		t.Errorf("a CPU that this process may not use: %s", f)
	}
}
