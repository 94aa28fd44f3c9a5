package fault

import "errors"

// hinted is an error with a hint.
type hinted struct {
	error
	hint string
}

func (e *hinted) Unwrap() error { return e.error }

// Hint returns what to do next.
func (e *hinted) Hint() string { return e.hint }

// WithHint adds what to do next to an error. The hint is not part of the error's text, which may quote a container.
func WithHint(err error, hint string) error { return &hinted{err, hint} }

// Hint returns what err, or an error that it wraps, advises to do next: the result of its method Hint, or "".
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

// AddHint adds the hint of err, if it has one, to a text about err. It is for a text that has no field for a hint beside it.
func AddHint(text string, err error) string {
	if next := Hint(err); next != "" {
		return text + "; " + next
	}
	return text
}
