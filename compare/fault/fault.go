// Package fault holds the errors that have exit codes of their own.
package fault

import "errors"

// UnfitError is a host on which haltscope cannot do its work.
type UnfitError struct {
	What string // what was tried, on what, and why it failed
	Next string // what to do
	Err  error
}

func (e *UnfitError) Error() string {
	text := e.What
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text + "\n" + e.Next + "; more: haltscope doctor"
}

func (e *UnfitError) Unwrap() error { return e.Err }

// UsageError is something the user asked for that cannot be asked for.
type UsageError struct{ Text string }

func (e *UsageError) Error() string { return e.Text }

// ErrInterrupted means that a signal ended the run before its end. The twins have been removed.
var ErrInterrupted = errors.New("interrupted")

// ErrNotMet means that all went well, and what came of it is not what was expected.
var ErrNotMet = errors.New("not as expected")
