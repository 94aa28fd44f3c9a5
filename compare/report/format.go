package report

import (
	"fmt"
	"strings"

	"haltscope/compare/value"
)

// size returns bytes in words, or why there are none.
func size[T uint64 | int64 | float64](m value.Maybe[T]) string {
	if v, ok := m.Get(); ok {
		return value.Bytes(v)
	}
	return why(m)
}

// plain returns a value in words, or why there is none.
func plain[T any](m value.Maybe[T]) string {
	if v, ok := m.Get(); ok {
		return fmt.Sprint(v)
	}
	return why(m)
}

// why returns in words why a value is absent: never 0, never empty.
func why[T any](m value.Maybe[T]) string {
	reason, detail, _ := m.Missing()
	switch reason {
	case value.Vanished:
		return "gone"
	case value.NotMeasured:
		return "–"
	}
	if detail == "" {
		return string(reason)
	}
	return string(reason) + ": " + detail
}

// fromTo returns a change, or one word if both are the same word.
func fromTo(before, after string) string {
	if before == after && !strings.ContainsAny(before, "0123456789") {
		return before
	}
	return before + " → " + after
}
