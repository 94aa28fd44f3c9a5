package dockercli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// errNull is the error for null. encoding/json accepts it for any type, and leaves a value that looks like an answer.
var errNull = errors.New("it is null")

// decode parses JSON that docker printed, and refuses null.
func decode(data []byte, into any) error {
	if isNull(data) {
		return errNull
	}
	return json.Unmarshal(data, into)
}

func isNull(data []byte) bool { return bytes.Equal(bytes.TrimSpace(data), []byte("null")) }

// noNulls refuses a JSON object in which one of the keys is null.
func noNulls(data []byte, keys ...string) error {
	var all map[string]json.RawMessage
	if err := decode(data, &all); err != nil {
		return err
	}
	for _, key := range keys {
		if value, ok := all[key]; ok && isNull(value) {
			return fmt.Errorf("%s: %w", key, errNull)
		}
	}
	return nil
}

// decodeLines parses output that has one JSON document on each line. what names the command that printed it.
func decodeLines[T any](what string, data []byte) ([]T, error) {
	var all []T
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var one T
		if err := decode(line, &one); err != nil {
			return all, fmt.Errorf("%s printed a line that is not the requested JSON: %w", what, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// text returns a JSON string; "" for anything else.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// Keys are the keys of a JSON object whose values may be secrets. Only the values of haltscope's own labels and of [ComposeLabels] are
// kept.
type Keys map[string]string

// ownPrefix begins the names of haltscope's own labels.
const ownPrefix = "haltscope."

// The labels of a container that compose made.
const (
	ComposeProject = "com.docker.compose.project"
	ComposeService = "com.docker.compose.service"
	ComposeDir     = "com.docker.compose.project.working_dir"
)

// ComposeLabels are the labels of compose whose values are kept.
var ComposeLabels = []string{ComposeProject, ComposeService, ComposeDir}

// UnmarshalJSON keeps the keys, and some values: see [Keys].
func (k *Keys) UnmarshalJSON(data []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	*k = Keys{}
	for key, value := range all {
		(*k)[key] = ""
		if strings.HasPrefix(key, ownPrefix) || slices.Contains(ComposeLabels, key) {
			(*k)[key] = text(value)
		}
	}
	return nil
}

// Own returns the value of the label haltscope.NAME; "" if there is none.
func (k Keys) Own(name string) string { return k[ownPrefix+name] }

// Has reports whether there is such a key.
func (k Keys) Has(key string) bool {
	_, ok := k[key]
	return ok
}
