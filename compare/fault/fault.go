// Package fault holds the errors that have exit codes of their own, and what errors advise to do next.
package fault

import (
	"errors"
	"strings"
)

// UnfitError is a host on which haltscope cannot do its work.
type UnfitError struct {
	What string // what was tried, on what, and why it failed
	Next string // what to do
	Err  error
}

func (e *UnfitError) Error() string {
	if e.Err != nil {
		return e.What + ": " + e.Err.Error()
	}
	return e.What
}

func (e *UnfitError) Unwrap() error { return e.Err }

// Hint is what to do next.
func (e *UnfitError) Hint() string { return e.Next + "; more: haltscope doctor" }

// UsageError is something the user asked for that cannot be asked for.
type UsageError struct {
	Text string
	Next string // what to do; "" where Text says it
}

func (e *UsageError) Error() string { return e.Text }

// Hint is what to do next.
func (e *UsageError) Hint() string { return e.Next }

// hinted is an error with a hint.
type hinted struct {
	error
	hint string
}

func (e *hinted) Unwrap() error { return e.error }

func (e *hinted) Hint() string { return e.hint }

// WithHint adds to an error what to do next. It is no part of the error's text: that may quote what a container says of
// itself, and a container gives no advice.
func WithHint(err error, hint string) error { return &hinted{err, hint} }

// Hint is what an error, or one that it wraps, advises to do next; "" for nothing. Any error with a method Hint may.
func Hint(err error) string {
	var h interface {
		error
		Hint() string
	}
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// Line is an error's text on one line: errors that were joined stand side by side.
func Line(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// Parts are the errors that were joined into one, or the one that was not. What wraps a joined error with a text of its own
// keeps it whole.
func Parts(err error) []error {
	hint := ""
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		if h, ok := inner.(*hinted); ok && hint == "" {
			hint = h.hint
		}
		joined, ok := inner.(interface{ Unwrap() []error })
		if !ok {
			continue
		}
		if err.Error() != errors.Join(joined.Unwrap()...).Error() {
			break
		}
		var all []error
		for _, one := range joined.Unwrap() {
			if hint != "" && Hint(one) == "" {
				one = WithHint(one, hint)
			}
			all = append(all, Parts(one)...)
		}
		return all
	}
	return []error{err}
}

// ErrInterrupted means that a signal ended the run before its end. The twins have been removed.
var ErrInterrupted = errors.New("interrupted")

// ErrNotMet means that all went well, and what came of it is not what was expected.
var ErrNotMet = errors.New("not as expected")
