package output

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// maxRestorable bounds, in bytes, the old content that is kept in memory while a file is overwritten.
const maxRestorable = 64 << 20

var errTooLarge = fmt.Errorf("it can only be overwritten, but has more than the %d MiB that could be restored: remove it first",
	maxRestorable>>20)

// overwrite writes the file in place, and restores the old content if that fails. A power failure may leave a mixture.
func (t *destination) overwrite(data []byte) error {
	f, err := t.openFile(t.base, unix.O_RDWR)
	if err != nil {
		return err
	}
	defer f.Close()
	old, err := io.ReadAll(io.LimitReader(f, maxRestorable+1))
	if err != nil {
		return err
	}
	if len(old) > maxRestorable {
		return errTooLarge
	}
	if err = setContent(f, data); err == nil {
		return nil
	}
	if failed := setContent(f, old); failed != nil {
		return errors.Join(err, fmt.Errorf("restoring the old content: %w", failed))
	}
	return err
}

// setContent replaces the content of a file. It writes before it truncates, so that restoring the old content needs no more
// space than the file had.
func setContent(f *os.File, data []byte) error {
	if _, err := f.WriteAt(data, 0); err != nil {
		return err
	}
	if err := f.Truncate(int64(len(data))); err != nil {
		return err
	}
	return fsync(f)
}
