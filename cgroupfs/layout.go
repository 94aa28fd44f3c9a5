package cgroupfs

import (
	"bytes"
	"strings"
)

// layout is how a flat keyed file is printed here: the kernel prints the same keys in the same order each time. To
// whom it is known, a line costs a comparison, and no key is looked up.
type layout []keyed // by line; the key with the space behind it, and no figure where it is passed over

// layoutOf takes down the layout of data. What has lines of another form has none.
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

// follow reads data into the figures, and reports whether it has this layout. If not, they may be of anything.
func (l layout) follow(data []byte) bool {
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
			*line.to = parseUint(data[:end])
		}
		data = data[end+1:]
	}
	return len(l) > 0 && len(data) == 0
}
