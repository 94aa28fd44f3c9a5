package action

import (
	"context"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/target"
)

// strainInterval is the time between two readings of what slows a container down.
const strainInterval = 250 * time.Millisecond

// watchStrain reads what slows the container down during a stop: its cgroup is gone afterwards. The function returned ends the
// readings and returns the result; nil for other actions.
func watchStrain(ctx context.Context, r *Request, before *Initial) (end func() *prediction.During) {
	if !r.Stops() || before.Group == nil {
		return func() *prediction.During { return nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	began, first := time.Now(), before.Group.Strain()
	done := make(chan *prediction.During, 1)
	go func() {
		last, at := first, began
		for ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(strainInterval):
			}
			now := before.Group.Strain()
			if vanished(&now) {
				break
			}
			last, at = now, time.Now()
		}
		done <- target.During(first, last, at.Sub(began))
	}()
	return func() *prediction.During {
		cancel()
		return <-done
	}
}

// vanished reports whether the cgroup is gone.
func vanished(s *cgroupfs.Strain) bool { return s.ForksFailed.State() == figure.Vanished }
