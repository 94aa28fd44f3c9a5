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

// Top is what `docker top` printed: a header and, for each process, its fields. The last field is the command, which
// may hold spaces.
type Top struct {
	Titles    []string
	Processes [][]string
}

// Top lists the processes of a container as `docker top` does.
func (c *Client) Top(ctx context.Context, id string) (Top, error) {
	args := []string{"top", id}
	if c.podman {
		args = append(args, podmanTop...)
	}
	call, err := c.run(ctx, 0, nil, args...)
	if err != nil {
		return Top{}, err
	}
	return parseTop(call.Stdout)
}

// PIDs are the processes' ids, in the PID namespace of the daemon.
func (t Top) PIDs() ([]int, error) {
	at := t.pid()
	if at < 0 {
		return nil, errNoPID
	}
	pids := make([]int, 0, len(t.Processes))
	for _, fields := range t.Processes {
		pid, err := strconv.Atoi(fields[at])
		if err != nil {
			return nil, fmt.Errorf("docker top: PID %q is not a number", fields[at])
		}
		pids = append(pids, pid)
	}
	return pids, nil
}

var errNoPID = errors.New("docker top printed no PID column")

// pid is the column of the processes' ids; −1 where there is none.
func (t Top) pid() int {
	return slices.IndexFunc(t.Titles, func(title string) bool { return title == "PID" || title == "HPID" })
}

// parseTop parses the table of the engine's ps, "-ef" unless asked otherwise.
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
			if top.Titles = fields; top.pid() < 0 {
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
