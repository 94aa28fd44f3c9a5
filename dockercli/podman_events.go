package dockercli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"haltscope/compare/value"
)

// podmanEventFormat makes podman print all it knows of an event: its templates do not know the fields of docker's.
const podmanEventFormat = "{{json .}}"

// podmanActions are docker's words for actions of podman's events. The others have the same name, or docker has none.
var podmanActions = map[string]string{"died": "die", "remove": "destroy"}

// parsePodmanEvent parses a line of podman events. Labels have a map of their own there, and replace nothing.
//
//	{"ContainerExitCode":137,"ID":"4f1c…","Name":"web","Status":"died","Time":"2026-…Z","Type":"container", …}   4.3
//	{"ContainerExitCode":137,"ID":"4f1c…","Name":"web","Status":"died","time":1750000000,"timeNano":1750000000000000000, …}   5.4
func parsePodmanEvent(line []byte) (Event, error) {
	// A map, because the keys of a struct match in any case: Time and time are two keys.
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil {
		return Event{}, fmt.Errorf("podman events printed a line that is not the requested JSON: %w", err)
	}
	e := Event{ID: text(raw["ID"]), Action: value.Clean(text(raw["Status"])), Name: value.Clean(text(raw["Name"]))}
	var nano int64
	var errTime error
	if t, ok := raw["Time"]; ok {
		errTime = json.Unmarshal(t, &e.Time)
	} else if errTime = json.Unmarshal(raw["timeNano"], &nano); errTime == nil {
		e.Time = time.Unix(0, nano)
	}
	if e.Action == "" || e.ID == "" || errTime != nil || e.Time.Unix() <= 0 {
		return Event{}, errors.Join(errors.New("podman events printed an event without Status, ID or its time: "+
			value.Clean(string(line[:min(len(line), 120)]))), errTime)
	}
	if action, ok := podmanActions[e.Action]; ok {
		e.Action = action
	}
	if e.Action == "die" {
		e.ExitCode = string(bytes.TrimSpace(raw["ContainerExitCode"]))
		if _, old := raw["Time"]; old && e.ExitCode == "" {
			e.ExitCode = "0" // which 4.3 leaves out
		}
	}
	return e, nil
}
