package figure

import "fmt"

// State says whether a [Figure] is a number and, if not, why.
type State uint8

const (
	// NotMeasured is the zero value: nothing was read.
	NotMeasured State = iota
	// Present means that the kernel gave a number, which may be 0.
	Present
	// Max means that the kernel gave the word "max": there is no limit.
	Max
	// Unsupported means that this kernel, or this cgroup, has no such file or key.
	Unsupported
	// Vanished means that the cgroup or the process is gone.
	Vanished
	// Denied means that the kernel refused access.
	Denied
	// Failed means that the read failed for another reason, or that the content is malformed.
	Failed
)

func (s State) String() string {
	switch s {
	case NotMeasured:
		return "not-measured"
	case Present:
		return "present"
	case Max:
		return "max"
	case Unsupported:
		return "unsupported"
	case Vanished:
		return "vanished"
	case Denied:
		return "denied"
	default:
		return "failed"
	}
}

// Figure is one number from a kernel file, or the reason why there is none. The zero Figure was not measured.
type Figure struct {
	value uint64
	state State
}

// Number returns the figure v.
func Number(v uint64) Figure { return Figure{v, Present} }

// Without returns a figure that is missing for the reason s.
func Without(s State) Figure { return Figure{0, s} }

// Value returns the number, and whether there is one.
func (f Figure) Value() (uint64, bool) { return f.value, f.state == Present }

// State says whether the figure is a number and, if not, why.
func (f Figure) State() State { return f.state }

// Bool returns whether the number is other than 0, or nil if there is no number.
func (f Figure) Bool() *bool {
	v, ok := f.Value()
	if !ok {
		return nil
	}
	b := v != 0
	return &b
}

// Is reports whether the figure is the number v.
func (f Figure) Is(v uint64) bool { return f.state == Present && f.value == v }

// Less reports whether the number is smaller than that of other. Both must be present.
func (f Figure) Less(other Figure) bool { return f.value < other.value }

// Minus returns f less part, and at least 0. A missing part counts as 0; a missing f stays missing.
func (f Figure) Minus(part Figure) Figure {
	if f.state == Present && part.state == Present {
		f.value -= min(f.value, part.value)
	}
	return f
}

// Since returns how much a counter has grown since before. It is missing if either figure is, and [Failed] if the counter fell,
// because it then belongs to another cgroup.
func (f Figure) Since(before Figure) Figure {
	switch {
	case before.state != Present:
		return before
	case f.state != Present:
		return f
	case f.value < before.value:
		return Without(Failed)
	}
	return Number(f.value - before.value)
}

// Plus returns the sum of two figures. It is missing if either is.
func (f Figure) Plus(other Figure) Figure {
	if f.state != Present {
		return f
	}
	if other.state == Present {
		other.value += f.value
	}
	return other
}

// DividedBy returns the number divided by n, rounded down. A missing figure stays missing.
func (f Figure) DividedBy(n uint64) Figure {
	f.value /= n
	return f
}

// String returns the number, or the state of a missing figure.
func (f Figure) String() string {
	if f.state == Present {
		return fmt.Sprint(f.value)
	}
	return f.state.String()
}
