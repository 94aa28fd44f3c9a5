package experiment

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// maxSearched bounds how many files of a directory are searched.
const maxSearched = 100_000

// findSpecial searches a directory for a socket, a FIFO or a device, and returns the path of one; "" if there is none. Links are not
// followed: in a container they lead elsewhere. The error says why the directory could not be searched as a whole, or that it has more
// files than the limit.
func findSpecial(dir string, limit int) (special string, err error) {
	left := limit
	for pending := []string{dir}; len(pending) > 0; {
		at := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		below, special, err := specialIn(at, &left)
		switch {
		case at != dir && errors.Is(err, fs.ErrNotExist): // removed meanwhile
		case errors.Is(err, errTooMany):
			return "", fmt.Errorf("%w than %d files", err, limit)
		case err != nil || special != "":
			return special, err
		}
		pending = append(pending, below...)
	}
	return "", nil
}

var errTooMany = errors.New("it has more")

// specialIn is findSpecial without the directories below, which it returns. left is how many more files may be searched.
func specialIn(dir string, left *int) (below []string, special string, err error) {
	f, err := os.OpenFile(dir, unix.O_RDONLY|unix.O_DIRECTORY, 0) // anything else that took its place is not opened
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(256)
		for _, e := range entries {
			if *left--; *left < 0 {
				return nil, "", errTooMany
			}
			switch path := filepath.Join(dir, e.Name()); {
			case e.IsDir():
				below = append(below, path)
			case e.Type() != 0 && e.Type() != fs.ModeSymlink:
				return nil, path, nil
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return below, "", nil
		case err != nil:
			return nil, "", err
		}
	}
}
