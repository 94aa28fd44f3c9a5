package dockercli

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"haltscope/compare/value"
)

// ParseNotice parses one line of the events, the form of which [parseEvent] shows. The daemon sets name after the labels, so
// that no label replaces it (daemon/events.go, LogContainerEventWithAttributes).
func ParseNotice(line []byte) (Notice, error) {
	line = bytes.TrimSpace(line)
	if !gjson.ValidBytes(line) {
		return Notice{}, fmt.Errorf("docker events printed a line that is not the JSON asked for: %s", value.Clean(string(line[:min(len(line), 60)])))
	}
	var n Notice
	var nano int64
	document := gjson.ParseBytes(line)
	// Walked, not looked up by path: keys match exactly, and of two the last counts, as with encoding/json.
	document.ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "Action":
			n.Action = v.Str
		case "timeNano":
			nano = v.Int()
		case "Actor":
			v.ForEach(func(key, v gjson.Result) bool {
				switch key.Str {
				case "ID":
					n.ID = v.Str
				case "Attributes":
					v.ForEach(func(key, v gjson.Result) bool {
						switch key.Str {
						case "name":
							n.Name = value.Clean(v.Str)
						case "signal":
							n.Signal = v.Str
						case "exitCode":
							n.ExitCode = v.Str
						case "execID":
							n.ExecID = v.Str
						}
						return true
					})
				}
				return true
			})
		}
		return true
	})
	if n.Action == "" || n.ID == "" || nano <= 0 {
		return Notice{}, fmt.Errorf("docker events printed an event without Action, Actor.ID or timeNano")
	}
	action, _, _ := strings.Cut(n.Action, ":") // "exec_create: /bin/sh …", "health_status: healthy"
	// Copies: as parts of the line they would keep all of it in memory, labels and all.
	n.Action, n.ID, n.Name = strings.Clone(value.Clean(action)), strings.Clone(n.ID), strings.Clone(n.Name)
	n.Signal, n.ExitCode, n.ExecID = strings.Clone(n.Signal), strings.Clone(n.ExitCode), strings.Clone(n.ExecID)
	n.Time = time.Unix(0, nano)
	return n, nil
}

// splitNumbers reads a decimal number a line, and passes over what is none.
func splitNumbers(data []byte) (all []int64) {
	for line := range bytes.Lines(data) {
		if v, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64); err == nil {
			all = append(all, v)
		}
	}
	return all
}
