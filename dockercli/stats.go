package dockercli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/docker/go-units"

	"haltscope/compare/value"
)

// Stats is a line of `docker stats --no-stream`. docker rounds what it prints: memory to four digits, CPU to 0.01 %.
type Stats struct {
	ID          string
	CPUPercent  *float64 // of one core; nil when docker printed "--": it had no sample
	MemoryBytes *float64 // nil likewise
}

// statsTries is how often a sample is asked for: the client waits 2 s for one, and prints "--" where the engine was
// too busy to take it in time; where it was the first sample, it fails with a word on the wait, for all of the containers
// (cli/command/container/stats.go, stats_helpers.go; so does 28.2.2).
const statsTries = 3

// Stats asks for one sample of each container, in one call: a second and more for a running one, for CPU use is a
// difference of two. If that call fails, as it does for all where docker does not know one of them or hangs on one, each
// container is asked about in a call of its own. The samples are returned also with an error, which is about the others.
func (c *Client) Stats(ctx context.Context, ids ...string) (map[string]Stats, error) {
	if len(ids) < 2 {
		return c.statsTogether(ctx, ids...)
	}
	all, err := func() (map[string]Stats, error) {
		ctx, cancel := withShare(ctx, c.Timeout/2, "about all containers")
		defer cancel()
		return c.statsTogether(ctx, ids...)
	}()
	if err == nil || errors.Is(err, ErrNoBinary) || ctx.Err() != nil || !c.Answers(ctx, c.Timeout/6) {
		return all, err
	}
	all = make(map[string]Stats, len(ids))
	var unanswered, refused error
	ctx, cancel := withShare(ctx, c.Timeout, "about each container")
	defer cancel()
	apart(ids, func(id string) (map[string]Stats, error) {
		ctx, cancel := withShare(ctx, c.Timeout/3, "about the container")
		defer cancel()
		return c.statsTogether(ctx, id)
	}, func(_ string, one map[string]Stats, err error) {
		maps.Copy(all, one)
		switch {
		case Refused(err):
			refused = errors.Join(refused, err)
		case err != nil:
			unanswered = errors.Join(unanswered, err)
		}
	})
	return all, errors.Join(unanswered, refused) // in this order: the first decides what Refused says
}

// statsTogether asks for all in one call.
func (c *Client) statsTogether(ctx context.Context, ids ...string) (map[string]Stats, error) {
	all := make(map[string]Stats, len(ids))
	missing := ids
	for try := 1; try <= statsTries; try++ {
		some, err := c.stats(ctx, missing)
		if err != nil && try < statsTries && mentions(err, "timeout waiting for stats") {
			continue
		}
		if err != nil {
			return nil, err
		}
		missing = nil
		for id, s := range some {
			all[id] = s
			if s.CPUPercent == nil || s.MemoryBytes == nil {
				missing = append(missing, id)
			}
		}
		if len(missing) == 0 {
			break
		}
	}
	return all, nil
}

func (c *Client) stats(ctx context.Context, ids []string) (map[string]Stats, error) {
	format := "{{json .}}"
	if c.podman {
		format = "json"
	}
	call, err := c.run(ctx, 0, nil, append([]string{"stats", "--no-stream", "--no-trunc", "--format", format, "--"}, ids...)...)
	if err != nil {
		return nil, err
	}
	if c.podman {
		return parsePodmanStats(call.Stdout)
	}
	return parseStats(call.Stdout)
}

// parseStats parses lines whose values are all text:
//
//	{"CPUPerc":"20.05%","ID":"4f1c…","MemUsage":"97.2MiB / 23.54GiB", …}
func parseStats(data []byte) (map[string]Stats, error) {
	lines, err := parseLines[struct{ ID, CPUPerc, MemUsage string }]("docker stats", data)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Stats, len(lines))
	for _, line := range lines {
		if line.ID == "" {
			return nil, errors.New("docker stats printed a line without ID")
		}
		s, err := statsOf("docker stats", line.ID, line.CPUPerc, line.MemUsage, units.RAMInBytes)
		if err != nil {
			return nil, err
		}
		all[s.ID] = s
	}
	return all, nil
}

// statsOf reads the figures of a line; size reads one as the engine prints it ("97.2MiB", "0B").
func statsOf(what, id, cpu, memory string, size func(string) (int64, error)) (Stats, error) {
	s := Stats{ID: id}
	if cpu != "--" && cpu != "--%" {
		text, ok := strings.CutSuffix(cpu, "%")
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !ok {
			return s, fmt.Errorf("%s: CPU %q is not a percentage", what, value.Clean(cpu))
		}
		s.CPUPercent = &v
	}
	used, _, _ := strings.Cut(memory, " / ")
	if used != "--" {
		v, err := size(used)
		if err != nil {
			return s, fmt.Errorf("%s: memory %q is not a size", what, value.Clean(memory))
		}
		bytes := float64(v)
		s.MemoryBytes = &bytes
	}
	return s, nil
}
