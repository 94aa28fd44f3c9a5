package twin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
)

// A Docker that has taken a container for ended while its program ran on forgets its shim, which then waits for ever. shimName is
// how the comm of containerd's shims begins; "-id" and the container's id are among their arguments (containerd, runtime/v2/shim).
const shimName = "containerd-shim"

// shimLimit is how long a shim may take to end by itself after docker rm: it does so once containerd has deleted its task.
const shimLimit = 2 * time.Second

// endShims ends the shims of removed twins. A shim shuts down on SIGTERM, and containerd then removes what it had.
func endShims(ctx context.Context, ids []string) error {
	for deadline := time.Now().Add(shimLimit); ; time.Sleep(endInterval) {
		left, err := shimsOf(ids)
		if err != nil || len(left) == 0 {
			return err
		}
		if time.Now().Before(deadline) && ctx.Err() == nil {
			continue
		}
		var failed []error
		for _, shim := range left {
			failed = append(failed, endShim(shim, ids))
		}
		return errors.Join(failed...)
	}
}

// shimsOf returns the shims of containers.
func shimsOf(ids []string) (all []proc.Stat, err error) {
	shims, err := proc.Named(shimName)
	if err != nil {
		return nil, fmt.Errorf("looking for shims of twins: %w", err)
	}
	for _, shim := range shims {
		if isShimOf(shim.PID, ids) {
			all = append(all, shim)
		}
	}
	return all, nil
}

// isShimOf reports whether the arguments of a shim name one of the containers. One that has ended has no arguments.
func isShimOf(pid int, ids []string) bool {
	arguments, state := proc.Cmdline(pid)
	i := slices.Index(arguments, "-id")
	return state == figure.Present && i >= 0 && i+1 < len(arguments) && slices.Contains(ids, arguments[i+1])
}

// endShim sends SIGTERM to a shim, and to no other process that has got its pid.
func endShim(shim proc.Stat, ids []string) error {
	p, err := proc.OpenProcess(shim.PID)
	if errors.Is(err, proc.ErrNoProcess) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ending the shim of a twin: %w", err)
	}
	defer p.Close()
	if !isShimOf(shim.PID, ids) {
		return nil
	}
	if err := p.Signal(unix.SIGTERM); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("ending the shim of a twin, process %d: %w", shim.PID, err)
	}
	return nil
}
