package figure

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ReadFile reads a kernel file from its start to its end.
func ReadFile(path string) ([]byte, State) {
	data, err := os.ReadFile(path)
	return data, StateOf(path, err)
}

// StateOf returns the state that an error of opening or reading path stands for. ENOENT has two meanings: if the folder
// is missing as well, the cgroup or process is gone; otherwise the kernel has no such file. A file kept open returns
// ENODEV once its cgroup was removed, and ESRCH once its process has ended.
func StateOf(path string, err error) State {
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

// MalformedError reports content that does not follow the kernel's documentation of the file.
type MalformedError struct {
	File string // name or path of the file
	Text string // what could not be parsed
}

// Malformed returns a [MalformedError] that quotes the beginning of text.
func Malformed(file string, text []byte) error {
	return &MalformedError{file, string(text[:min(len(text), 120)])}
}

func (e *MalformedError) Error() string {
	return fmt.Sprintf("%s: malformed content %q", e.File, e.Text)
}
