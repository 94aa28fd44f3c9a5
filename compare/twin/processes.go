package twin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/fault"
)

// Docker may take a container for ended, and remove it, while its program runs on: see [proc.Stat].FirstThreadEnded. So what is left
// of twins is found by their cgroups, which are named after their ids, and ended, whatever Docker says.

// Cgroups finds the cgroups of containers, as [cgroupfs.Host.Containers] does.
type Cgroups interface {
	Containers() (map[string]*cgroupfs.Group, error)
}

const (
	// endLimit is how long the processes of twins may take to end after SIGKILL.
	endLimit = 10 * time.Second
	// endInterval is the time between two looks.
	endInterval = 20 * time.Millisecond
)

// endUnreachable ends the twins that docker rm --force would not end: those in which the first thread of a process has ended.
func endUnreachable(ctx context.Context, kernel Cgroups, ids []string) error {
	return eachCgroup(kernel, ids, func(g *cgroupfs.Group) error {
		return endAll(ctx, g, func(pids []int) bool {
			return slices.ContainsFunc(pids, func(pid int) bool {
				stat, err := proc.ReadStat(pid)
				return err == nil && stat.FirstThreadEnded // with an error, it has ended
			})
		})
	})
}

// endLeft ends all processes that removed twins have left, and removes their cgroups.
func endLeft(ctx context.Context, kernel Cgroups, ids []string) error {
	return eachCgroup(kernel, ids, func(g *cgroupfs.Group) error {
		if err := endAll(ctx, g, func([]int) bool { return true }); err != nil {
			return err
		}
		err := g.Remove()
		for deadline := time.Now().Add(endLimit); errors.Is(err, unix.EBUSY) && ctx.Err() == nil && time.Now().Before(deadline); {
			time.Sleep(endInterval) // a process that has ended is still on its way out
			err = g.Remove()
		}
		return err
	})
}

// eachCgroup calls do for the cgroups of twins.
func eachCgroup(kernel Cgroups, ids []string, do func(*cgroupfs.Group) error) error {
	groups, err := kernel.Containers()
	if err != nil {
		return fmt.Errorf("looking for processes of twins: %w", err)
	}
	var failed []error
	for id, g := range groups {
		// A container can make cgroups, and name one after a twin.
		if slices.Contains(ids, id) && g.Inside == "" {
			failed = append(failed, do(g))
		}
		g.Close()
	}
	return errors.Join(failed...)
}

// endAll ends the processes of a cgroup if wanted returns true for them.
func endAll(ctx context.Context, g *cgroupfs.Group, wanted func(pids []int) bool) error {
	for deadline := time.Now().Add(endLimit); ; {
		pids, err := g.Members()
		switch {
		case !g.Exists(), err == nil && (len(pids) == 0 || !wanted(pids)):
			return nil
		case err != nil:
			return err
		}
		for _, pid := range pids {
			if err := kill(g, pid); err != nil {
				return err
			}
		}
		wanted = func([]int) bool { return true }
		if time.Now().After(deadline) || ctx.Err() != nil {
			err := fmt.Errorf("the processes %s of a twin in %s have not ended %s after SIGKILL", strings.Trim(fmt.Sprint(pids), "[]"), g.Path,
				endLimit)
			return fault.WithHint(err, "look at them with: cat /proc/PID/status; a frozen one ends after a thaw")
		}
		time.Sleep(endInterval)
	}
}

// kill sends SIGKILL to a process of a cgroup, and to no other: it is looked up again once it cannot be confused any more.
func kill(g *cgroupfs.Group, pid int) error {
	p, err := proc.OpenProcess(pid)
	if errors.Is(err, proc.ErrNoProcess) {
		return nil
	}
	if err != nil {
		return err
	}
	defer p.Close()
	now, err := g.Members()
	if err != nil || !slices.Contains(now, pid) {
		return nil // it has ended, or left; the next look shows what is there
	}
	if err := p.Signal(unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	return nil
}
