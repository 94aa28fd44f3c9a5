package compare

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/report"
	"haltscope/dockercli"
)

const (
	// runLabel is carried by every twin; its value is the id of the run.
	runLabel = "haltscope.run"
	// ownerLabel says which process made the twin, so that `clean` leaves those of a run that goes on.
	ownerLabel = "haltscope.owner"
)

// cleanUpLimit is what the removal of twins may take, whatever happened before.
const cleanUpLimit = 90 * time.Second

// lateTwin is how long a twin is waited for that the daemon may yet make, of a `docker run` that was given up.
const lateTwin = 10 * time.Second

func newRunID() string {
	id := make([]byte, 4)
	rand.Read(id)
	return hex.EncodeToString(id)
}

// owner names a process for good: boot, pid, start time.
func owner(pid int) string {
	stat, err := cgroupfs.ReadStat(pid)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s/%d/%d", host.BootID(), pid, stat.StartTime)
}

// alive reports whether the process that an owner label names still runs.
func alive(label string) bool {
	_, rest, _ := strings.Cut(label, "/")
	pid, _, _ := strings.Cut(rest, "/")
	n, err := strconv.Atoi(pid)
	return err == nil && n > 0 && label != "" && owner(n) == label
}

// twinFlags are the flags of docker run for every twin. It has no network unless one is asked for; its log is kept where `docker logs` can
// read it, whatever the daemon's default.
func twinFlags(run, name, network string) []string {
	if network == "" {
		network = "none"
	}
	return []string{"--name", name, "--label", runLabel + "=" + run, "--label", ownerLabel + "=" + owner(os.Getpid()),
		"--network", network, "--log-driver", "json-file"}
}

// removeTwins removes twins, the frozen ones after a thaw: a list from docker ps, whatever state they are in.
func removeTwins(ctx context.Context, docker *dockercli.Client, twins []dockercli.PsLine) error {
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
// twins and none of them paused, or nil if that is not known. givenUp says that a `docker run` was: the daemon may have
// a twin for us that is not listed yet.
func removeRun(docker *dockercli.Client, run string, ids []string, givenUp bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanUpLimit)
	defer cancel()
	if len(ids) > 0 && docker.Remove(ctx, ids...) == nil {
		return nil
	}
	label := runLabel + "=" + run
	patience := time.Now()
	if givenUp {
		patience = patience.Add(lateTwin)
	}
	// Until none is listed: a removal that was given up goes on in the daemon, too.
	for {
		twins, err := docker.Ps(ctx, label, ownerLabel)
		if err == nil && len(twins) == 0 && time.Now().After(patience) {
			return nil
		}
		if err == nil {
			err = removeTwins(ctx, docker, twins)
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = errors.New("docker ps lists them still")
			}
			return fault.WithHint(fmt.Errorf("the twins of run %s could not be removed within %s: %w", run, cleanUpLimit, err), "remove them with: haltscope clean")
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Cleaned is what Clean removed and what it left.
type Cleaned struct {
	Schema string      `json:"schema"`
	Host   report.Host `json:"host"`
	Twins  int         `json:"twins"`
	Images int         `json:"images"`
	InUse  int         `json:"in_use"` // twins of runs that go on, left alone
	// images that such a run may need, or that a container or another image is made of, left alone
	ImagesInUse int `json:"images_in_use"`
}

// Clean removes the twins of runs that are over, and the images of the embedded workload unless a run that goes on
// may need them.
func Clean(ctx context.Context, docker *dockercli.Client) (*Cleaned, error) {
	done := &Cleaned{Schema: "haltscope.clean/v1"}
	// Another machine's owners cannot be looked up here, nor by another user: their runs would seem to be over.
	_, here, err := host.Check(ctx, docker)
	if err != nil {
		return nil, err
	}
	done.Host = here
	twins, err := docker.Ps(ctx, runLabel, ownerLabel)
	if err != nil {
		return nil, err
	}
	var orphans []dockercli.PsLine
	for _, twin := range twins {
		if alive(twin.Owner) {
			done.InUse++
		} else {
			orphans = append(orphans, twin)
		}
	}
	if err := removeTwins(ctx, docker, orphans); err != nil {
		return nil, err
	}
	done.Twins = len(orphans)
	if err := removeNetworks(ctx, docker); err != nil {
		return nil, err
	}
	images, err := docker.Images(ctx, buildLabel)
	if err != nil {
		return nil, err
	}
	if done.InUse > 0 {
		done.ImagesInUse = len(images)
		return done, nil
	}
	var failed []error
	for _, image := range images {
		err := docker.RemoveImage(ctx, image)
		switch {
		case err == nil:
			done.Images++
		case errors.Is(err, dockercli.ErrInUse): // by a run that has just begun, or by a container of the user's
			done.ImagesInUse++
		case !errors.Is(err, dockercli.ErrNotFound): // another clean was faster
			failed = append(failed, err)
		}
	}
	return done, errors.Join(failed...)
}

// removeNetworks removes the networks of runs that are over.
func removeNetworks(ctx context.Context, docker *dockercli.Client) error {
	networks, err := docker.Networks(ctx, runLabel, ownerLabel)
	if err != nil {
		return err
	}
	var ids []string
	for _, n := range networks {
		if !alive(n.Owner) {
			ids = append(ids, n.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return docker.RemoveNetworks(ctx, ids...)
}

// Table writes what was removed.
func (c *Cleaned) Table(w io.Writer, _ report.TableOptions) error {
	_, err := fmt.Fprintf(w, "removed: %d twins, %d images\nleft alone, in use: %d twins, %d images\n",
		c.Twins, c.Images, c.InUse, c.ImagesInUse)
	return err
}
