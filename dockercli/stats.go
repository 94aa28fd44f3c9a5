package dockercli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"haltscope/compare/value"

	"github.com/docker/go-units"
)

// Stats is a line of `docker stats --no-stream`. docker rounds what it prints: memory to four digits, CPU to 0.01 %.
type Stats struct {
	ID          string
	CPUPercent  *float64 // of one core; nil if docker printed "--", because it had no sample
	MemoryBytes *float64 // likewise
}

// statsTries is how often a sample is asked for. The client waits 2 s for one, and prints "--" if the engine was too busy
// to take it in time. If that was the first sample, the call fails for all containers (cli, command/container/stats.go and
// stats_helpers.go; seen with 28.2.2).
const statsTries = 3

// Stats asks for one sample of each container, in one call. That takes a second and more for a running container, because CPU
// use is a difference of two readings. The call fails for all if docker does not know one of them or hangs on one: then
// each is asked about in a call of its own. The samples are returned also with an error, which is about the others.
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
	return all, errors.Join(unanswered, refused) // in this order: the first decides what Refused returns
}

// statsTogether asks about all containers in one call, and again about those without a sample.
func (c *Client) statsTogether(ctx context.Context, ids ...string) (map[string]Stats, error) {
	all := make(map[string]Stats, len(ids))
	missing := ids
	for try := 1; try <= statsTries; try++ {
		some, err := c.stats(ctx, missing)
		if err != nil {
			if try < statsTries && c.allExist(ctx, err, missing) {
				continue
			}
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

// allExist reports whether docker refused a call although all the containers exist, so that it may be worth another try.
func (c *Client) allExist(ctx context.Context, err error, ids []string) bool {
	if !Refused(err) {
		return false
	}
	absent, err := c.absentContainers(ctx, ids)
	return err == nil && len(absent) == 0
}

// stats runs docker stats.
func (c *Client) stats(ctx context.Context, ids []string) (map[string]Stats, error) {
	format, parse := "{{json .}}", parseStats
	if c.isPodman(ctx) {
		format, parse = "json", parsePodmanStats
	}
	call, err := c.run(ctx, append([]string{"stats", "--no-stream", "--no-trunc", "--format", format, "--"}, ids...)...)
	if err != nil {
		return nil, err
	}
	return parse(call.Stdout)
}

// parseStats parses a JSON document on each line, whose values are all text.
//
//	{"CPUPerc":"20.05%","ID":"4f1c…","MemUsage":"97.2MiB / 23.54GiB", …}
func parseStats(data []byte) (map[string]Stats, error) {
	lines, err := decodeLines[struct{ ID, CPUPerc, MemUsage string }]("docker stats", data)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Stats, len(lines))
	for _, line := range lines {
		if line.ID == "" {
			return nil, errors.New("docker stats printed a line without ID")
		}
		s, err := parseFigures("docker stats", line.ID, line.CPUPerc, line.MemUsage, units.RAMInBytes)
		if err != nil {
			return nil, err
		}
		all[s.ID] = s
	}
	return all, nil
}

// parseFigures parses the figures of a container. parseSize parses a size as the engine prints it ("97.2MiB", "0B").
func parseFigures(what, id, cpu, memory string, parseSize func(string) (int64, error)) (Stats, error) {
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
		v, err := parseSize(used)
		if err != nil {
			return s, fmt.Errorf("%s: memory %q is not a size", what, value.Clean(memory))
		}
		bytes := float64(v)
		s.MemoryBytes = &bytes
	}
	return s, nil
}
