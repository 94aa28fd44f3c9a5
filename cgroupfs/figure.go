// Package cgroupfs says what the kernel says: it is the only room that reads cgroup files and /proc. It knows no Docker.
//
// One file of this package per kernel file. Reading and parsing are two functions: the parsers take bytes and are fuzzed.
// The documents it follows are Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/ beside it, and proc(5).
package cgroupfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// State says whether a [Figure] has a number and, if not, why.
type State uint8

const (
	// NotMeasured is the zero value: nobody has asked the kernel.
	NotMeasured State = iota
	// Present: the kernel gave a number, which may be 0.
	Present
	// Max: the kernel gave the word "max", that is, no limit.
	Max
	// Unsupported: this kernel, or this cgroup, has no such file or key.
	Unsupported
	// Vanished: the cgroup or the process is gone.
	Vanished
	// Denied: the kernel refused to tell.
	Denied
	// Failed: the read failed otherwise, or what was read could not be understood.
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

// Figure is one number out of a kernel file, or the reason why there is none. The zero Figure has not been measured.
type Figure struct {
	value uint64
	state State
}

// Number is a figure that the kernel gave.
func Number(v uint64) Figure { return Figure{v, Present} }

// Without is a figure that is not there, for the reason s.
func Without(s State) Figure { return Figure{0, s} }

// Value returns the number, and whether there is one.
func (f Figure) Value() (uint64, bool) { return f.value, f.state == Present }

// State says whether there is a number and, if not, why.
func (f Figure) State() State { return f.state }

// Bool is a figure of 0 or 1 as a bool; nil when it is not there.
func (f Figure) Bool() *bool {
	v, ok := f.Value()
	if !ok {
		return nil
	}
	t := v != 0
	return &t
}

// Is reports whether the kernel gave exactly v.
func (f Figure) Is(v uint64) bool { return f.state == Present && f.value == v }

// Minus returns the figure without a part of it; a part that is not there is none, and a larger one leaves 0.
func (f Figure) Minus(part Figure) Figure {
	if f.state == Present && part.state == Present {
		f.value -= min(f.value, part.value)
	}
	return f
}

// Plus returns the sum of two figures; where one is not there, neither is the sum.
func (f Figure) Plus(other Figure) Figure {
	if f.state != Present {
		return f
	}
	if other.state == Present {
		other.value += f.value
	}
	return other
}

func (f Figure) String() string {
	if f.state == Present {
		return fmt.Sprint(f.value)
	}
	return f.state.String()
}

// Per returns the figure divided by n; what is not there stays so.
func (f Figure) Per(n uint64) Figure {
	f.value /= n
	return f
}

// MalformedError is content of a kernel file that does not follow its document.
type MalformedError struct {
	File string // the file's name, or its path where it is known
	Text string // what could not be understood
}

func (e *MalformedError) Error() string {
	return fmt.Sprintf("%s: cannot understand %q", e.File, e.Text)
}

// stateOf sorts an error of open or read on path into a State. ENOENT is two things: without its folder the cgroup is
// gone, within it the kernel has no such file. ENODEV comes from a kept-open file of a cgroup that was removed, ESRCH
// from one of a process that ended.
func stateOf(path string, err error) State {
	switch {
	case err == nil:
		return Present
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(filepath.Dir(path)); err != nil {
			return Vanished
		}
		return Unsupported
	case errors.Is(err, unix.ENODEV), errors.Is(err, unix.ESRCH):
		return Vanished
	case errors.Is(err, fs.ErrPermission):
		return Denied
	case errors.Is(err, unix.EOPNOTSUPP):
		return Unsupported
	default:
		return Failed
	}
}
