// Package fault defines the errors that have an exit code of their own, and hints: what an error advises to do next.
package fault

import "errors"

// ErrInterrupted reports that a signal ended the run early. The twins are removed.
var ErrInterrupted = errors.New("interrupted")

// ErrNotMet reports that an expectation was not met, or that a prediction did not come true. Nothing failed.
var ErrNotMet = errors.New("not as expected")

// UsageError is a command line that asks for something impossible.
type UsageError struct {
	Text string
	Next string // the hint; "" if Text says it all
}

func (e *UsageError) Error() string { return e.Text }

// Hint returns what to do next.
func (e *UsageError) Hint() string { return e.Next }

// UnfitError is a host on which haltscope cannot work.
type UnfitError struct {
	What string // what was tried, on what, and why it failed
	Next string // what to do
	Err  error  // the cause; nil if What says it all
}

func (e *UnfitError) Error() string {
	if e.Err != nil {
		return e.What + ": " + e.Err.Error()
	}
	return e.What
}

func (e *UnfitError) Unwrap() error { return e.Err }

// Hint returns what to do next.
func (e *UnfitError) Hint() string { return e.Next + "; more: haltscope doctor" }
