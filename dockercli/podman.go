package dockercli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/go-units"
	"golang.org/x/sys/unix"

	"haltscope/compare/value"
)

// Podman takes docker's commands and answers some of them in other forms. This file is all that knows of that: the
// others ask c.podman where an answer differs, and get it in docker's form from here. Seen with 4.3.1 and 5.4.2.

// Engines that this room can drive.
const (
	Docker = "docker"
	Podman = "podman"
)

// Engine is the one that answers, once it has been asked anything that tells: [Client.Info], [Client.List].
func (c *Client) Engine() string {
	if c.podman {
		return Podman
	}
	return Docker
}

func (c *Client) is(engine string) { c.podman, c.known = engine == Podman, true }

// UntoldByEvents says what the engine's events never tell of a verb; "" where they tell all.
//
// Podman has no event for the signals of a stop; "stop" itself is there only if the cleanup that conmon starts did not
// come first (libpod/container_internal.go, stop). The event of a kill does not carry its signal.
func (c *Client) UntoldByEvents(verb string) string {
	if c.podman && (verb == "stop" || verb == "restart") {
		return "podman has no events for the signals of a stop"
	}
	return ""
}

// EndEvents are the events that come of a kill or a stop that ended the container, to be waited for; restarts says that its
// restart policy starts it again.
//
// Podman removes the cgroup behind its died, by a process that conmon starts, which ends with a cleanup event.
func (c *Client) EndEvents(verb string, restarts bool) []string {
	switch {
	case c.podman && !restarts:
		return []string{"die", "cleanup"}
	case !c.podman && verb == "stop":
		return []string{"die", "stop"} // engines differ in the order
	}
	return []string{"die"}
}

// podmanInfo is `podman info --format '{{json .}}'`, of which docker's has none of the keys.
//
//	{"host":{"cgroupManager":"cgroupfs","kernel":"6.1.0-…","distribution":{"distribution":"debian","version":"12"},
//	 "security":{"rootless":false}, …},"version":{"Version":"4.3.1", …}, …}
type podmanInfo struct {
	Host *struct {
		CgroupManager, Kernel, Hostname string
		Distribution                    struct{ Distribution, Version string }
		Security                        struct{ Rootless bool }
	}
	Version *struct{ Version string }
}

// info is the same in docker's form; false where it is not podman's.
func (p *podmanInfo) info() (Info, bool) {
	if p.Host == nil || p.Version == nil || p.Version.Version == "" {
		return Info{}, false
	}
	i := Info{ServerVersion: p.Version.Version, KernelVersion: p.Host.Kernel, CgroupDriver: p.Host.CgroupManager, Name: p.Host.Hostname,
		OperatingSystem: strings.TrimSpace(p.Host.Distribution.Distribution + " " + p.Host.Distribution.Version), Engine: Podman}
	// There is no daemon: the client is the engine.
	i.ClientInfo.Version = p.Version.Version
	if p.Host.Security.Rootless {
		i.SecurityOptions = []string{"name=rootless"}
	}
	return i, true
}

// printedByPodman finds out whether podman has answered docker ps, of which nothing that it says need tell: 5.4 gives the same
// words. A line of docker's names the type it is made from; where there is no such line the version tells, which is asked of
// nobody but the binary.
func (c *Client) printedByPodman(ctx context.Context, lines []PsLine) bool {
	dockers := len(lines) > 0 && strings.HasSuffix(strings.ToLower(lines[0].By), ".containercontext") // cli/command/formatter/container.go
	if !c.known && !dockers {
		call, err := c.run(ctx, 0, nil, "--version")
		if err == nil && bytes.HasPrefix(call.Stdout, []byte("podman ")) {
			c.is(Podman)
		}
	}
	return c.podman
}

// podmanPs lists containers in podman's own form, for the templates of 4.3 do not know the state. Without
// --all it leaves out those that are paused, which docker's does not.
func (c *Client) podmanPs(ctx context.Context, args ...string) ([]PsLine, error) {
	all := slices.Contains(args, "--all")
	if !all {
		args = append(args, "--all")
	}
	call, err := c.run(ctx, 0, nil, slices.Concat([]string{"ps", "--no-trunc", "--format", "json"}, args)...)
	if err != nil {
		return nil, err
	}
	lines, err := parsePodmanPs(call.Stdout)
	if !all {
		lines = slices.DeleteFunc(lines, func(l PsLine) bool { return l.State != "running" && l.State != "paused" })
	}
	return lines, err
}

// parsePodmanPs parses one JSON array.
//
//	[{"Id":"4f1c…","Names":["web"],"State":"paused","Status":"Paused", …}]
func parsePodmanPs(data []byte) ([]PsLine, error) {
	var found []struct {
		ID            string `json:"Id"`
		Names         []string
		State, Status string
	}
	if err := decode(data, &found); err != nil {
		return nil, fmt.Errorf("podman ps printed what is not the JSON of containers: %w", err)
	}
	var all []PsLine
	for _, f := range found {
		if f.ID == "" || f.State == "" {
			return nil, errors.New("podman ps printed a container without Id or State")
		}
		all = append(all, PsLine{ID: f.ID, Name: strings.Join(f.Names, ","), State: podmanState(f.State), Status: f.Status})
	}
	return all, nil
}

// podmanState is docker's word for a state of podman's (libpod/define/containerstate.go): one that is "stopped" has ended
// and waits for its cleanup, and docker calls one that is being stopped running.
func podmanState(state string) string {
	switch state {
	case "configured", "initialized":
		return "created"
	case "stopping":
		return "running"
	case "stopped":
		return "exited"
	}
	return state
}

// inspected is what inspect has printed about containers, in docker's form.
func (c *Client) inspected(data []byte) []byte {
	if !c.podman {
		return data
	}
	return podmanInspect(data)
}

// podmanInspect puts what podman says otherwise of containers into docker's form, and leaves the rest as it is, unread. What
// it cannot read it leaves to the parser to refuse.
//
//	"Path":"/bin/sh","Args":["-c","x"],"State":{"Status":"paused","Running":false,"Paused":true, …},
//	"Config":{"StopSignal":15,"Entrypoint":"/bin/sh -c","Cmd":["x"], …}      4.3; 5.4 has docker's form in Config
func podmanInspect(data []byte) []byte {
	var all []map[string]json.RawMessage
	if json.Unmarshal(data, &all) != nil {
		return data
	}
	for _, one := range all {
		within(one, "State", func(state map[string]json.RawMessage) {
			status := podmanState(text(state["Status"]))
			put(state, "Status", status)
			// Docker's Running is true while paused.
			put(state, "Running", status == "running" || status == "paused")
		})
		within(one, "Config", func(config map[string]json.RawMessage) {
			var signal int
			if json.Unmarshal(config["StopSignal"], &signal) == nil && signal > 0 {
				name := unix.SignalName(unix.Signal(signal))
				if name == "" {
					name = strconv.Itoa(signal) // a real-time signal
				}
				put(config, "StopSignal", name)
			}
			if words, ok := joined(one, config); ok {
				put(config, "Entrypoint", words)
			}
		})
		within(one, "HostConfig", func(host map[string]json.RawMessage) {
			if text(host["PidMode"]) == "private" {
				put(host, "PidMode", "") // docker's word for one of its own
			}
		})
	}
	written, err := json.Marshal(all)
	if err != nil {
		return data
	}
	return written
}

// joined are the words of an entrypoint that 4.3 joins by blanks: all words, less those of the command behind them.
func joined(container, config map[string]json.RawMessage) (words []string, ok bool) {
	var line, path string
	var args, command []string
	if json.Unmarshal(config["Entrypoint"], &line) != nil || config["Entrypoint"] == nil {
		return nil, false
	}
	if line == "" {
		return nil, true
	}
	json.Unmarshal(container["Path"], &path)
	json.Unmarshal(container["Args"], &args)
	json.Unmarshal(config["Cmd"], &command)
	words = append([]string{path}, args...)
	words = words[:max(0, len(words)-len(command))]
	if strings.Join(words, " ") != line {
		words = strings.Fields(line) // run under an init, which is at the front there
	}
	return words, true
}

// within changes an object inside another.
func within(object map[string]json.RawMessage, key string, change func(map[string]json.RawMessage)) {
	var inner map[string]json.RawMessage
	if json.Unmarshal(object[key], &inner) == nil && inner != nil {
		change(inner)
		put(object, key, inner)
	}
}

func put(object map[string]json.RawMessage, key string, value any) {
	if data, err := json.Marshal(value); err == nil {
		object[key] = data
	}
}

// parsePodmanStats parses one JSON array. Sizes are decimal there (docker's are binary), and cpu_percent is, with
// --no-stream, the average since the container's start (libpod/stats_linux.go).
//
//	[{"id":"4f1c…","name":"web","cpu_percent":"10.65%","mem_usage":"106.2MB / 25.28GB", …}]
func parsePodmanStats(data []byte) (map[string]Stats, error) {
	var lines []struct {
		ID         string `json:"id"`
		CPUPercent string `json:"cpu_percent"`
		MemUsage   string `json:"mem_usage"`
	}
	if err := decode(data, &lines); err != nil {
		return nil, fmt.Errorf("podman stats printed what is not the JSON of figures: %w", err)
	}
	all := make(map[string]Stats, len(lines))
	for _, line := range lines {
		if line.ID == "" {
			return nil, errors.New("podman stats printed figures without id")
		}
		s, err := statsOf("podman stats", line.ID, line.CPUPercent, line.MemUsage, units.FromHumanSize)
		if err != nil {
			return nil, err
		}
		all[s.ID] = s
	}
	return all, nil
}

// podmanActions are docker's words for actions of podman's events. The others are the same, or docker has none.
var podmanActions = map[string]string{"died": "die", "remove": "destroy"}

// parsePodmanEvent parses a line of `podman events`. Labels have a map of their own there, and overwrite nothing.
//
//	{"ContainerExitCode":137,"ID":"4f1c…","Name":"web","Status":"died","Time":"2026-…Z","Type":"container", …}   4.3
//	{"ContainerExitCode":137,"ID":"4f1c…","Name":"web","Status":"died","time":1750000000,"timeNano":1750000000000000000, …}   5.4
func parsePodmanEvent(line []byte) (Notice, error) {
	// A map, for a struct's keys would match in any case: Time and time are two.
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil {
		return Notice{}, fmt.Errorf("podman events printed a line that is not the JSON asked for: %w", err)
	}
	n := Notice{Name: value.Clean(text(raw["Name"]))}
	n.ID, n.Action = text(raw["ID"]), value.Clean(text(raw["Status"]))
	var nano int64
	var errTime error
	if t, ok := raw["Time"]; ok {
		errTime = json.Unmarshal(t, &n.Time)
	} else if errTime = json.Unmarshal(raw["timeNano"], &nano); errTime == nil {
		n.Time = time.Unix(0, nano)
	}
	if n.Action == "" || n.ID == "" || errTime != nil || n.Time.Unix() <= 0 {
		return Notice{}, errors.Join(errors.New("podman events printed an event without Status, ID or its time: "+
			value.Clean(string(line[:min(len(line), 120)]))), errTime)
	}
	if action, ok := podmanActions[n.Action]; ok {
		n.Action = action
	}
	if n.Action == "die" {
		n.ExitCode = string(bytes.TrimSpace(raw["ContainerExitCode"]))
		if _, old := raw["Time"]; old && n.ExitCode == "" {
			n.ExitCode = "0" // which 4.3 leaves out
		}
	}
	return n, nil
}

// notice parses a line of the events, in the engine's form.
func (c *Client) notice(line []byte) (Notice, error) {
	if c.podman {
		return parsePodmanEvent(line)
	}
	return ParseNotice(line)
}

// event is notice for those who need no name.
func (c *Client) event(line []byte) (Event, error) {
	if c.podman {
		n, err := parsePodmanEvent(line)
		return n.Event, err
	}
	return parseEvent(line)
}

// podmanTop are the columns asked of podman top, behind the container: its own choice lists the pids of the container's PID
// namespace.
var podmanTop = []string{"hpid", "user", "args"}
