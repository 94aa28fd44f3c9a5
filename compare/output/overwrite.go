package output

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// maxKept bounds, in bytes, the old content that is kept in memory while a file is written in place.
const maxKept = 64 << 20

var errTooLarge = fmt.Errorf("it can only be written in place, and has more than the %d MiB that could be restored: remove it first",
	maxKept>>20)

// overwrite writes the file itself, and its old content again if that fails. A machine that loses its power in between
// leaves a mixture.
func (t *target) overwrite(data []byte) error {
	f, err := t.openFile(t.base, unix.O_RDWR)
	if err != nil {
		return err
	}
	defer f.Close()
	old, err := io.ReadAll(io.LimitReader(f, maxKept+1))
	if err != nil {
		return err
	}
	if len(old) > maxKept {
		return errTooLarge
	}
	if err = contain(f, data); err == nil {
		return nil
	}
	if back := contain(f, old); back != nil {
		return errors.Join(err, fmt.Errorf("and its old content could not be restored: %w", back))
	}
	return err
}

// contain makes data all that a file contains. It grows before it shrinks: the old content needs no space that it had not.
func contain(f *os.File, data []byte) error {
	if _, err := f.WriteAt(data, 0); err != nil {
		return err
	}
	if err := f.Truncate(int64(len(data))); err != nil {
		return err
	}
	return fsync(f)
}
