package cgroupfs

import (
	"bytes"
	"strings"

	"haltscope/cgroupfs/figure"
)

// layout is the sequence of keys in a flat keyed file. The kernel prints the same keys in the same order each time. With
// the layout known, a line takes one comparison, and no key is looked up.
type layout []keyed // one for each line; its key ends with the space, and its figure is nil if the key is not wanted

// layoutOf returns the layout of data, or nil if data is not a flat keyed file.
func layoutOf(data []byte, wanted []keyed) layout {
	var l layout
	for line := range strings.Lines(string(data)) {
		key, _, ok := strings.Cut(line, " ")
		if !ok {
			return nil
		}
		l = append(l, keyed{line[:len(key)+1], find(wanted, key)})
	}
	return l
}

// parse parses data into the figures, and reports whether data has this layout. If not, the figures are not valid.
func (l layout) parse(data []byte) bool {
	for i := range l {
		line := &l[i]
		n := len(line.key)
		if len(data) < n || string(data[:n]) != line.key {
			return false
		}
		data = data[n:]
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			return false
		}
		if line.to != nil {
			*line.to = figure.ParseUint(data[:end])
		}
		data = data[end+1:]
	}
	return len(l) > 0 && len(data) == 0
}
