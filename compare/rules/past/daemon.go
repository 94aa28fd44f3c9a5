package past

import (
	"fmt"
	"time"
)

// restoring is how long after its start dockerd may write down the end of what it did not find any more.
const restoring = time.Minute

// madeUp reports whether Docker made up the exit code and the time of the end: it did not run when the container ended, and found it
// ended when it started.
func (j *judge) madeUp() bool {
	if j.StartedAt == nil || j.EndedAt == nil || j.has("die") {
		return false
	}
	if boot := j.BootAt; boot != nil && j.StartedAt.Before(*boot) && j.EndedAt.After(*boot) {
		j.how = fmt.Sprintf("the host went down while it ran, and booted at %s", stamp(*boot))
		j.observe("boot time", boot, "after the start of the run and before its end: exit code %d is Docker's", *j.Code)
		return true
	}
	for i := range j.Starts {
		start := &j.Starts[i]
		if j.StartedAt.Before(*start) && !j.EndedAt.Before(start.Add(-100*time.Millisecond)) && j.EndedAt.Before(start.Add(restoring)) {
			j.how = fmt.Sprintf("it ended while dockerd did not run, before %s", stamp(*start))
			j.observe("start of dockerd", start, "after the start of the run, and just before its end: exit code %d is Docker's", *j.Code)
			return true
		}
	}
	return false
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }

// shutdown returns when dockerd was told to end, if it stopped this run then; nil if it did not, as far as is known.
func (j *judge) shutdown() *time.Time {
	if j.EndedAt == nil || j.window() < 0 {
		return nil
	}
	for i := range j.Shutdowns {
		at := &j.Shutdowns[i]
		if (j.StartedAt == nil || j.StartedAt.Before(*at)) && !j.EndedAt.Before(*at) && j.EndedAt.Sub(*at) <= j.window() {
			return at
		}
	}
	return nil
}
