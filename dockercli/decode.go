package dockercli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// errNull is why null is refused: encoding/json takes it for any type, and leaves a value that looks like an answer.
var errNull = errors.New("it is null")

// decode parses JSON that docker printed, but for null.
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
