package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"haltscope/compare/value"
)

// WatchLine is one line of `haltscope watch`. What does not apply to a line is left out.
type WatchLine struct {
	Level            string             `json:"level"`               // info, warn or error
	Time             string             `json:"time"`                // RFC 3339, when it happened, by Docker's clock where Docker reported it
	Container        *WatchContainer    `json:"container,omitempty"` // left out of lines about the watch itself
	Action           string             `json:"action"`              // Docker's, confirm, freeze, thaw, watch, watch-end, gap, daemon or input
	Verdict          value.Kind         `json:"verdict,omitempty"`
	Missing          string             `json:"missing,omitempty"` // what would decide, where the verdict is inconclusive
	ExitCode         *int               `json:"exit_code,omitempty"`
	Signals          []value.Maybe[int] `json:"signals,omitempty"` // that Docker sent, in order; null for one whose number a label hides
	Count            *int               `json:"count,omitempty"`   // how many signals a line without a verdict is about
	DurationMs       *float64           `json:"duration_ms,omitempty"`
	MemoryBytes      *uint64            `json:"memory_bytes,omitempty"`       // charged to a frozen container, or to a resumed one before
	MemoryAfterBytes *uint64            `json:"memory_after_bytes,omitempty"` // charged to a resumed container
	OOMKills         *uint64            `json:"oom_kills,omitempty"`          // processes that the OOM killer killed since the last report
	OOM              *OOM               `json:"oom,omitempty"`
	SentBy           value.Maybe[Actor] `json:"sent_by,omitzero"`  // who sent the signal that the line is about, or that ended the run
	AskedBy          value.Maybe[Actor] `json:"asked_by,omitzero"` // who asked Docker for it
	Notes            []Note             `json:"notes,omitempty"`
	EndedAt          string             `json:"ended_at,omitempty"` // of a confirm: the time of the end that it confirms
	From             string             `json:"from,omitempty"`     // of a gap
	To               string             `json:"to,omitempty"`       // of a gap
	MayHide          []string           `json:"may_hide,omitempty"` // actions that a gap may hide
	Because          []WatchObservation `json:"because,omitempty"`
	Message          string             `json:"message"`
}

// WatchContainer names a container.
type WatchContainer struct {
	ID   string  `json:"id"`
	Name *string `json:"name" jsonschema:"anyof_type=string;null"` // null with --redact
}

// WatchObservation is one observation that a verdict rests on.
type WatchObservation struct {
	Source string   `json:"source"`
	AtMs   *float64 `json:"at_ms,omitempty"` // since the first signal of the run, or since its end if there was none
	Value  string   `json:"value"`
}

// OOM is what is known about the OOM killer in a container.
type OOM struct {
	FirstProcess value.Maybe[bool]        `json:"first_process"` // it killed the container's first process, and so the container
	Victims      value.Maybe[[]OOMVictim] `json:"victims"`
	Constraint   value.Maybe[string]      `json:"constraint"`   // limit, descendant, ancestor, nodes or host
	LimitCgroup  value.Maybe[string]      `json:"limit_cgroup"` // the cgroup whose limit was reached
	LimitBytes   value.Maybe[uint64]      `json:"limit_bytes"`  // the container's own limit
	PeakBytes    value.Maybe[uint64]      `json:"peak_bytes"`
}

// OOMVictim is a process that the OOM killer killed.
type OOMVictim struct {
	PID          int     `json:"pid"`
	Name         *string `json:"name" jsonschema:"anyof_type=string;null"`           // null with --redact
	FirstProcess *bool   `json:"first_process" jsonschema:"anyof_type=boolean;null"` // null if it is not known which process was the first
}

// DecodeWatchLine reads a line of `haltscope watch`. Absent values get their reasons back from the notes. A newer haltscope may
// have written it, so unknown fields are skipped. It may come from anywhere, so its strings are cleaned: see [value.Clean].
func DecodeWatchLine(data []byte) (*WatchLine, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("the line is empty")
	}
	var line WatchLine
	if err := json.Unmarshal(data, &line); err != nil {
		return nil, fmt.Errorf("not a line of watch: %s", jsonError(nil, err))
	}
	if _, err := time.Parse(time.RFC3339Nano, line.Time); err != nil {
		return nil, fmt.Errorf("not a line of watch: its time is %q", value.Clean(line.Time))
	}
	if line.Action == "" {
		return nil, errors.New("not a line of watch: it has no action")
	}
	restoreReasons(&line, reflect.ValueOf(line.Notes))
	value.CleanStrings(&line)
	return &line, nil
}
