package dockercli

import (
	"encoding/json"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// object is a JSON object of which some values may be changed.
type object map[string]json.RawMessage

// podmanInspect puts what differs in podman's inspect into docker's form, and leaves the rest unread. What it cannot read
// is left for the parser to refuse.
//
//	"Path":"/bin/sh","Args":["-c","x"],"State":{"Status":"paused","Running":false,"Paused":true, …},
//	"Config":{"StopSignal":15,"Entrypoint":"/bin/sh -c","Cmd":["x"], …}      4.3; 5.4 has docker's form in Config
func podmanInspect(data []byte) []byte {
	var all []object
	if json.Unmarshal(data, &all) != nil {
		return data
	}
	for _, container := range all {
		container.change("State", func(state object) {
			status := podmanState(text(state["Status"]))
			state.set("Status", status)
			// Docker's Running is true while the container is paused.
			state.set("Running", status == "running" || status == "paused")
		})
		container.change("Config", func(config object) {
			var signal int
			if json.Unmarshal(config["StopSignal"], &signal) == nil && signal > 0 {
				name := unix.SignalName(unix.Signal(signal))
				if name == "" {
					name = strconv.Itoa(signal) // a real-time signal
				}
				config.set("StopSignal", name)
			}
			if words, ok := podmanEntrypoint(container, config); ok {
				config.set("Entrypoint", words)
			}
		})
		container.change("HostConfig", func(host object) {
			if text(host["PidMode"]) == "private" {
				host.set("PidMode", "") // docker's word for a namespace of the container's own
			}
		})
	}
	written, err := json.Marshal(all)
	if err != nil {
		return data
	}
	return written
}

// podmanEntrypoint returns the words of an entrypoint, which 4.3 joins with blanks; false if it is not joined. They are all
// words of the container without those of the command, which come last.
func podmanEntrypoint(container, config object) (words []string, ok bool) {
	var line, path string
	if json.Unmarshal(config["Entrypoint"], &line) != nil || config["Entrypoint"] == nil {
		return nil, false
	}
	if line == "" {
		return nil, true
	}
	var args, command []string
	read := func(raw json.RawMessage, into any) bool { return raw == nil || json.Unmarshal(raw, into) == nil }
	if read(container["Path"], &path) && read(container["Args"], &args) && read(config["Cmd"], &command) {
		words = append([]string{path}, args...)
		words = words[:max(0, len(words)-len(command))]
	}
	if strings.Join(words, " ") != line {
		words = strings.Fields(line) // an init runs it, and comes first
	}
	return words, true
}

// change changes an object inside another.
func (o object) change(key string, change func(object)) {
	var inner object
	if json.Unmarshal(o[key], &inner) == nil && inner != nil {
		change(inner)
		o.set(key, inner)
	}
}

func (o object) set(key string, value any) {
	if data, err := json.Marshal(value); err == nil {
		o[key] = data
	}
}
