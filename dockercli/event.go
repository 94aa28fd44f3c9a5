package dockercli

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"haltscope/compare/value"

	"github.com/tidwall/gjson"
)

// Event is a line of `docker events` about a container.
//
// The labels of a container share the map of attributes, and win: a label named signal or exitCode replaces the real value
// (moby, daemon/events.go, copyAttributes). Trust Signal and ExitCode only if the container has no such label. The daemon
// sets name after the labels, so no label replaces it.
type Event struct {
	Action   string // kill, die, stop, pause, unpause, oom, start, restart, destroy, …
	ID       string // the container's full id
	Name     string // the container's name
	Time     time.Time
	Signal   string // of a kill: a decimal number; "" with podman
	ExitCode string // of a die: a decimal number
	ExecID   string // of the exec_… actions
}

// SignalNumber returns the signal of a kill event.
func (e Event) SignalNumber() (int, bool) { return number(e.Signal) }

// ExitStatus returns the exit code of a die event.
func (e Event) ExitStatus() (int, bool) { return number(e.ExitCode) }

func number(text string) (int, bool) {
	v, err := strconv.Atoi(text)
	return v, err == nil
}

// eventFormat makes docker print an event as `{{json .}}` does, but without the labels, which may be megabytes and hold
// secrets. A label that replaces one of these attributes is printed all the same.
const eventFormat = "{" + eventFields

const eventFields = `"Action":{{json .Action}},"Actor":{"ID":{{json .Actor.ID}},"Attributes":{` +
	`"name":{{json (index .Actor.Attributes "name")}},"signal":{{json (index .Actor.Attributes "signal")}},` +
	`"exitCode":{{json (index .Actor.Attributes "exitCode")}},"execID":{{json (index .Actor.Attributes "execID")}}}},` +
	`"timeNano":{{.TimeNano}}}`

// historyFormat is like eventFormat, for events of all types.
const historyFormat = `{"Type":{{json .Type}},` + eventFields

// ParseEvent parses a line of docker events. It reads Action and Actor, not the older keys status and id, which API 1.52
// drops.
//
//	{"Type":"container","Action":"kill","Actor":{"ID":"4f1c…","Attributes":{"image":"…","name":"web","signal":"15"}},
//	 "timeNano":1716212345678901234, …}
func ParseEvent(line []byte) (Event, error) {
	line = bytes.TrimSpace(line)
	if !gjson.ValidBytes(line) {
		return Event{}, fmt.Errorf("docker events printed a line that is not the requested JSON: %s",
			value.Clean(string(line[:min(len(line), 60)])))
	}
	var e Event
	var nano int64
	// The document is walked, not queried by path: keys match exactly, and the last of several counts, as with encoding/json.
	gjson.ParseBytes(line).ForEach(func(key, v gjson.Result) bool {
		switch {
		case key.Str == "Action":
			e.Action = v.Str
		case key.Str == "timeNano" && v.Type == gjson.Number:
			nano = v.Int()
		case key.Str == "Actor":
			v.ForEach(func(key, v gjson.Result) bool {
				switch key.Str {
				case "ID":
					e.ID = v.Str
				case "Attributes":
					v.ForEach(e.setAttribute)
				}
				return true
			})
		}
		return true
	})
	if e.Action == "" || e.ID == "" || nano <= 0 {
		return Event{}, errors.New("docker events printed an event without Action, Actor.ID or timeNano")
	}
	action, _, _ := strings.Cut(e.Action, ":") // "exec_create: /bin/sh …", "health_status: healthy"
	e.Action, e.Name, e.Time = value.Clean(action), value.Clean(e.Name), time.Unix(0, nano)
	// As parts of the line, these would keep all of it in memory.
	for _, s := range []*string{&e.Action, &e.ID, &e.Name, &e.Signal, &e.ExitCode, &e.ExecID} {
		*s = strings.Clone(*s)
	}
	return e, nil
}

// setAttribute takes an attribute of Actor.
func (e *Event) setAttribute(key, v gjson.Result) bool {
	switch key.Str {
	case "name":
		e.Name = v.Str
	case "signal":
		e.Signal = v.Str
	case "exitCode":
		e.ExitCode = v.Str
	case "execID":
		e.ExecID = v.Str
	}
	return true
}
