package action

import (
	"sync"
	"time"
)

// atOnce is how many containers are read, or begin their docker command, at the same time. beginning is how long a command takes to begin:
// docker's client then has sent its request, and sleeps. Only the beginning is bounded, and not how many clients wait for the end of a
// grace, which cost 5 MiB each: no container waits for the grace of another. With two processors, 40 containers that use up a grace of 5 s
// are stopped in 7 s; it takes 10 s if all begin at once.
const (
	atOnce    = 8
	beginning = 250 * time.Millisecond
)

// turns bounds how much is done at the same time. Its capacity is the bound.
type turns chan struct{}

// take waits for a turn. giveBack ends it, and may be called more than once.
func (t turns) take() (giveBack func()) {
	t <- struct{}{}
	return sync.OnceFunc(func() { <-t })
}
