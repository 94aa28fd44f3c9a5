package fault

import (
	"errors"
	"reflect"
	"strings"
)

// Line returns the text of an error on one line: "; " separates errors that were joined.
func Line(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// joined is the type of the errors that [errors.Join] returns.
var joined = reflect.TypeOf(errors.Join(errors.New("")))

// Parts returns the errors that [errors.Join] joined, or err alone. A hint of the whole is a hint of each part that has none.
// An error that wraps joined errors in a text of its own is one part.
func Parts(err error) []error {
	switch e := any(err).(type) {
	case *hinted:
		parts := Parts(e.error)
		if len(parts) == 1 {
			return []error{err}
		}
		for i, part := range parts {
			if Hint(part) == "" {
				parts[i] = WithHint(part, e.hint)
			}
		}
		return parts
	case interface{ Unwrap() []error }:
		if reflect.TypeOf(err) != joined {
			break
		}
		var parts []error
		for _, one := range e.Unwrap() {
			parts = append(parts, Parts(one)...)
		}
		return parts
	}
	return []error{err}
}
