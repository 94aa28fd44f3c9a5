// Package twin knows what all throwaway containers have in common: their names and labels, the process that owns them, the image
// of the embedded workload, and how they are removed.
package twin

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"haltscope/compare/fault"
	"haltscope/dockercli"
)

const (
	// RunLabel is on every twin and its network. Its value is the id of the run.
	RunLabel = "haltscope.run"
	// OwnerLabel is on them as well. It says which process has made them, so that `clean` leaves those of an active run: see
	// [Owner].
	OwnerLabel = "haltscope.owner"
)

// CleanUpLimit is how long the removal of twins may take.
const CleanUpLimit = 90 * time.Second

// lateTwin is how long the daemon may take to make the twin of a `docker run` that timed out.
const lateTwin = 10 * time.Second

// NewRunID returns a random id for a run.
func NewRunID() string {
	id := make([]byte, 4)
	rand.Read(id)
	return hex.EncodeToString(id)
}

// Flags returns the flags of docker run that every twin gets. A twin has no network unless one is named. Its log is kept where
// `docker logs` can read it, whatever the daemon's default is.
func Flags(run, name, network string, by Owner) []string {
	if network == "" {
		network = "none"
	}
	return []string{"--name", name, "--label", RunLabel + "=" + run, "--label", OwnerLabel + "=" + by.String(),
		"--network", network, "--log-driver", "json-file"}
}

// Remover is what the removal of twins needs of Docker.
type Remover interface {
	Ps(ctx context.Context, all bool, filter dockercli.Filter) ([]dockercli.PsLine, error)
	Do(ctx context.Context, container string, a dockercli.Action) (dockercli.Call, error)
	Remove(ctx context.Context, names ...string) error
}

// Remove removes twins, as docker ps lists them, and ends what they leave. It thaws the frozen ones first.
func Remove(ctx context.Context, docker Remover, kernel Cgroups, twins []dockercli.PsLine) error {
	if len(twins) == 0 {
		return nil
	}
	ids := make([]string, len(twins))
	for i, twin := range twins {
		ids[i] = twin.ID
		if twin.State == "paused" {
			docker.Do(ctx, twin.ID, dockercli.Unpause{}) // if it fails, rm --force ends a paused container as well
		}
	}
	return removeAll(ctx, docker, kernel, ids)
}

// removeAll removes twins, and ends what Docker does not end.
func removeAll(ctx context.Context, docker Remover, kernel Cgroups, ids []string) error {
	err := endUnreachable(ctx, kernel, ids)
	return errors.Join(err, docker.Remove(ctx, ids...), endLeft(ctx, kernel, ids), endShims(ctx, ids))
}

// RemoveRun removes all twins of a run. It has a context of its own, so that an interruption does not stop it. settled is all
// twins, none of them paused, or nil if that is not known. made is all twins that are known. givenUp says that a `docker run`
// timed out: the daemon may still make a twin.
func RemoveRun(docker Remover, kernel Cgroups, run string, settled, made []string, givenUp bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), CleanUpLimit)
	defer cancel()
	if len(settled) > 0 && removeAll(ctx, docker, kernel, settled) == nil {
		return nil
	}
	late := time.Duration(0)
	if givenUp {
		late = lateTwin
	}
	if err := removeListed(ctx, docker, kernel, run, made, late); err != nil {
		err = fmt.Errorf("the twins of run %s could not be removed within %s: %w", run, CleanUpLimit, err)
		return fault.WithHint(err, "remove them with: haltscope clean")
	}
	return nil
}

// listInterval is the time between two listings.
const listInterval = 200 * time.Millisecond

// removeListed removes the twins that docker ps lists until it lists none, for at least the time that a late twin may take. A
// removal that timed out continues in the daemon. The error is the last one before ctx ended.
func removeListed(ctx context.Context, docker Remover, kernel Cgroups, run string, made []string, late time.Duration) error {
	lateUntil := time.Now().Add(late)
	for {
		twins, err := docker.Ps(ctx, true, OfRun(run))
		// A user's container has the label as well if its image was committed from a twin.
		twins = slices.DeleteFunc(twins, func(l dockercli.PsLine) bool { return !namedBy(run, l.Name) && !slices.Contains(made, l.ID) })
		if err == nil && len(twins) == 0 && !time.Now().Before(lateUntil) {
			return nil
		}
		if err == nil {
			err = Remove(ctx, docker, kernel, twins)
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = errors.New("docker ps still lists them")
			}
			return err
		case <-time.After(listInterval):
		}
	}
}
