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
	// runLabel is carried by every twin; its value is the id of the run.
	RunLabel = "haltscope.run"
	// ownerLabel says which process made the twin, so that `clean` leaves those of a run that goes on: see [owner].
	OwnerLabel = "haltscope.owner"
)

// cleanUpLimit is what the removal of twins may take, whatever happened before.
const CleanUpLimit = 90 * time.Second

// lateTwin is how long a twin is waited for that the daemon may yet make, of a `docker run` that was given up.
const lateTwin = 10 * time.Second

func NewRunID() string {
	id := make([]byte, 4)
	rand.Read(id)
	return hex.EncodeToString(id)
}

// twinFlags are the flags of docker run for every twin. It has no network unless one is asked for; its log is kept where `docker logs` can
// read it, whatever the daemon's default.
func Flags(run, name, network string, by Owner) []string {
	if network == "" {
		network = "none"
	}
	return []string{"--name", name, "--label", RunLabel + "=" + run, "--label", OwnerLabel + "=" + by.String(),
		"--network", network, "--log-driver", "json-file"}
}

// removeTwins removes twins, the frozen ones after a thaw: a list from docker ps, whatever state they are in.
func Remove(ctx context.Context, docker *dockercli.Client, twins []dockercli.PsLine) error {
	if len(twins) == 0 {
		return nil
	}
	ids := make([]string, len(twins))
	for i, twin := range twins {
		ids[i] = twin.ID
		if twin.State == "paused" {
			// rm --force ends a paused container too; should the thaw fail, it still has its chance.
			docker.Unpause(ctx, twin.ID)
		}
	}
	return docker.Remove(ctx, ids...)
}

// removeRun removes all twins of a run. It outlives an interruption: it has a context of its own. ids are all its
// twins and none of them paused, or nil if that is not known. made are those that it knows of. givenUp says that a
// `docker run` was: the daemon may have a twin for us that is not listed yet.
func RemoveRun(docker *dockercli.Client, run string, ids, made []string, givenUp bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), CleanUpLimit)
	defer cancel()
	if len(ids) > 0 && docker.Remove(ctx, ids...) == nil {
		return nil
	}
	patience := time.Now()
	if givenUp {
		patience = patience.Add(lateTwin)
	}
	// Until none is listed: a removal that was given up goes on in the daemon, too.
	for {
		twins, err := docker.Ps(ctx, "label="+RunLabel+"="+run)
		// A user's container has the label, too, where its image was committed from a twin.
		twins = slices.DeleteFunc(twins, func(l dockercli.PsLine) bool { return !namedBy(run, l.Name) && !slices.Contains(made, l.ID) })
		if err == nil && len(twins) == 0 && time.Now().After(patience) {
			return nil
		}
		if err == nil {
			err = Remove(ctx, docker, twins)
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = errors.New("docker ps lists them still")
			}
			return fault.WithHint(fmt.Errorf("the twins of run %s could not be removed within %s: %w", run, CleanUpLimit, err), "remove them with: haltscope clean")
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// verbs are those of the actions.
var Actions = []string{"kill", "stop", "pause", "restart", "rm"}
