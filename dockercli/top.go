package dockercli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"haltscope/compare/value"
)

// Top is what `docker top` printed: a header and, for each process, its fields. The last field is the command, which may
// hold spaces.
type Top struct {
	Titles    []string
	Processes [][]string
}

// podmanTop are the columns to ask podman for. By default it prints the pids of the container's PID namespace.
var podmanTop = []string{"hpid", "user", "args"}

// Top lists the processes of a container.
func (c *Client) Top(ctx context.Context, id string) (Top, error) {
	args := []string{"top", id}
	if c.isPodman(ctx) {
		args = append(args, podmanTop...)
	}
	call, err := c.run(ctx, args...)
	if err != nil {
		return Top{}, err
	}
	return parseTop(call.Stdout)
}

// PIDs returns the ids of the processes, in the PID namespace of the daemon.
func (t Top) PIDs() ([]int, error) {
	column := t.pidColumn()
	if column < 0 {
		return nil, errNoPID
	}
	pids := make([]int, 0, len(t.Processes))
	for _, fields := range t.Processes {
		pid, err := strconv.Atoi(fields[column])
		if err != nil {
			return nil, fmt.Errorf("docker top: PID %q is not a number", fields[column])
		}
		pids = append(pids, pid)
	}
	return pids, nil
}

var errNoPID = errors.New("docker top printed no PID column")

// pidColumn returns the column of the processes' ids; −1 if there is none.
func (t Top) pidColumn() int {
	return slices.IndexFunc(t.Titles, func(title string) bool { return title == "PID" || title == "HPID" })
}

// parseTop parses the table that the engine's ps prints, with -ef by default.
//
//	UID     PID     PPID    C     STIME   TTY   TIME       CMD
//	root    4242    4221    20    14:02   ?     00:00:01   /haltscope workload
func parseTop(data []byte) (Top, error) {
	var top Top
	for line := range bytes.Lines(data) {
		fields := strings.Fields(string(line))
		if len(fields) == 0 {
			continue
		}
		if top.Titles == nil {
			if top.Titles = fields; top.pidColumn() < 0 {
				return Top{}, errNoPID
			}
			continue
		}
		if len(fields) < len(top.Titles) {
			return top, errors.New("docker top printed a line with fewer fields than its header")
		}
		last := len(top.Titles) - 1
		process := append(fields[:last:last], strings.Join(fields[last:], " "))
		for i := range process {
			process[i] = value.Clean(process[i])
		}
		top.Processes = append(top.Processes, process)
	}
	if top.Titles == nil {
		return top, errors.New("docker top printed nothing")
	}
	return top, nil
}
