package reclaim

import "time"

// Progress shows the steps that take time. A step is over when done is called.
type Progress interface {
	// Step begins a step; expect is how long it takes by design, or 0.
	Step(text string, expect time.Duration) (done func())
	// Measure begins a step whose size is known; set says how much of it is done.
	Measure(text string, total uint64) (set func(done uint64), done func())
}
