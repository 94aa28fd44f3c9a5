package cgroupfs

import (
	"bytes"

	"haltscope/cgroupfs/figure"
)

var newline, space = []byte{'\n'}, []byte{' '}

// keyed is a key of a flat keyed file, and the figure that its value goes to.
type keyed struct {
	key string
	to  *figure.Figure
}

// parseFlatKeyed parses the wanted keys of a flat keyed file, which has a line "KEY VALUE" for each key, and skips the
// others. Source: cgroup-v2.rst, "Format".
func parseFlatKeyed(data []byte, wanted []keyed) {
	for len(data) > 0 {
		var line []byte
		line, data, _ = bytes.Cut(data, newline)
		key, value, _ := bytes.Cut(line, space)
		if to := find(wanted, key); to != nil {
			*to = figure.ParseUint(value)
		}
	}
}

// find returns the figure of a key, or nil if the key is not wanted.
func find[K string | []byte](wanted []keyed, key K) *figure.Figure {
	for i := range wanted {
		if string(key) == wanted[i].key {
			return wanted[i].to
		}
	}
	return nil
}

// parseOneKey parses the value of one key of a flat keyed file. It reads no further than that key.
func parseOneKey(data []byte, key string) figure.Figure {
	for len(data) > 0 {
		var line []byte
		line, data, _ = bytes.Cut(data, newline)
		if n := len(key); len(line) > n && line[n] == ' ' && string(line[:n]) == key {
			return figure.ParseUint(line[n+1:])
		} else if string(line) == key {
			return figure.Without(figure.Failed)
		}
	}
	return figure.Without(figure.Unsupported)
}
