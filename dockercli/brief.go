package dockercli

import (
	"fmt"
	"strings"
)

// maxEnd bounds what is kept of the beginning, and of the end, of a call's standard error, in bytes. It is enough for the
// error that follows many warnings.
const maxEnd = 128 << 10

// ends keeps the first and the last maxEnd bytes that are written to it.
type ends struct {
	head, tail []byte
	omitted    int // bytes between the two
}

func (e *ends) Write(p []byte) (int, error) {
	n := len(p)
	first := min(n, maxEnd-len(e.head))
	e.head = append(e.head, p[:first]...)
	e.tail = append(e.tail, p[first:]...)
	if over := len(e.tail) - maxEnd; over > 0 {
		e.omitted += over
		e.tail = append(e.tail[:0], e.tail[over:]...)
	}
	return n, nil
}

func (e *ends) String() string {
	if e.omitted == 0 {
		return string(e.head) + string(e.tail)
	}
	return string(e.head) + omission(e.omitted) + string(e.tail)
}

func omission(bytes int) string { return fmt.Sprintf(" … (%d bytes left out) … ", bytes) }

// maxShown bounds each half of what an error repeats of docker's standard error, and the arguments of a call that an error
// or the log repeats, in bytes.
const maxShown = 1000

// brief cuts the middle out of a long text.
func brief(text string) string {
	if len(text) <= 2*maxShown {
		return text
	}
	head := strings.ToValidUTF8(text[:maxShown], "")
	tail := strings.ToValidUTF8(text[len(text)-maxShown:], "")
	return head + omission(len(text)-len(head)-len(tail)) + tail
}

// briefArgs returns the first arguments of a call, and how many more there are if it has many, such as a thousand ids.
func briefArgs(args []string) (shown []string, more int) {
	size := 0
	for i, arg := range args {
		if size += len(arg) + 1; size > maxShown && i > 1 {
			return args[:i], len(args) - i
		}
	}
	return args, 0
}
