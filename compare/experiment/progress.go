package experiment

import "time"

// Progress shows the steps that take time. A step ends when done is called.
type Progress interface {
	// Step begins a step. expect is how long it takes by design, or 0.
	Step(text string, expect time.Duration) (done func())
	// Grace begins a stop, and shows how its grace runs out.
	Grace(text string, grace time.Duration) (done func())
}
