package dockercli

import (
	"fmt"
	"strings"
)

// maxEnd bounds what is kept of the beginning, and of the end, of what a call prints to its standard error, in bytes: a
// thousand containers that do not exist, and the error after many warnings.
const maxEnd = 128 << 10

// ends keeps the first and the last bytes that are written to it.
type ends struct {
	head, tail []byte
	left       int // bytes between the two
}

func (e *ends) Write(p []byte) (int, error) {
	n := len(p)
	first := min(n, maxEnd-len(e.head))
	e.head = append(e.head, p[:first]...)
	e.tail = append(e.tail, p[first:]...)
	if over := len(e.tail) - maxEnd; over > 0 {
		e.left += over
		e.tail = append(e.tail[:0], e.tail[over:]...)
	}
	return n, nil
}

func (e *ends) String() string {
	if e.left == 0 {
		return string(e.head) + string(e.tail)
	}
	return string(e.head) + leftOut(e.left, "bytes") + string(e.tail)
}

func leftOut(n int, what string) string { return fmt.Sprintf(" … (%d %s left out) … ", n, what) }

// maxShown bounds each half of what an error repeats of docker's words, and what it and the log repeat of a call's
// arguments, in bytes.
const maxShown = 1000

// brief cuts the middle out of a long text.
func brief(text string) string {
	if len(text) <= 2*maxShown {
		return text
	}
	head := strings.ToValidUTF8(text[:maxShown], "")
	tail := strings.ToValidUTF8(text[len(text)-maxShown:], "")
	return head + leftOut(len(text)-len(head)-len(tail), "bytes") + tail
}

// briefArgs are the first arguments of a call that has many, such as the ids of a thousand containers, and how many more
// there are.
func briefArgs(args []string) (shown []string, more int) {
	size := 0
	for i, arg := range args {
		if size += len(arg) + 1; size > maxShown && i > 1 {
			return args[:i], len(args) - i
		}
	}
	return args, 0
}
