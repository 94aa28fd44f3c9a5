package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// maxLine bounds the length of a line that is read. A watch writes a few hundred bytes.
const maxLine = 1 << 20

// ErrCut is the cause of an [UnreadError] about a last line without its end: the watch was killed while it wrote, or it is still
// writing.
var ErrCut = errors.New("the line is cut off")

// UnreadError is a part of a journal that cannot be read.
type UnreadError struct {
	File string // its path, or the folder's
	Line int    // the line, from 1 on; 0 for the whole file
	Err  error
}

func (e *UnreadError) Error() string {
	if e.Line == 0 {
		return e.Err.Error() // names the file
	}
	return fmt.Sprintf("%s:%d: %v", value.Quote(e.File), e.Line, e.Err)
}

func (e *UnreadError) Unwrap() error { return e.Err }

// Lines returns the lines of the journal in a folder, in the order in which the watch wrote them, and in their places an
// [UnreadError] for each part that cannot be read. The watch may be writing. A journal that is not there is an [UnreadError] that
// wraps [fs.ErrNotExist].
func Lines(dir string) iter.Seq2[*document.WatchLine, error] {
	return func(yield func(*document.WatchLine, error) bool) {
		all, err := files(os.DirFS(dir))
		if err != nil {
			yield(nil, &UnreadError{File: dir, Err: named(err, dir)})
			return
		}
		for _, f := range all {
			if !readFile(filepath.Join(dir, f.name), yield) {
				return
			}
		}
	}
}

// Read returns the lines of one file of a journal, or of what a watch has written to standard output, as [Lines] does. The name is that
// of an [UnreadError].
func Read(from io.Reader, name string) iter.Seq2[*document.WatchLine, error] {
	return func(yield func(*document.WatchLine, error) bool) { readLines(from, name, yield) }
}

// named returns an error about a folder, which its own file system calls ".", with the folder's path.
func named(err error, dir string) error {
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) && failed.Path == "." {
		return &fs.PathError{Op: failed.Op, Path: dir, Err: failed.Err}
	}
	return err
}

// readFile yields the lines of a file, and reports whether to go on.
func readFile(path string, yield func(*document.WatchLine, error) bool) bool {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true // the watch has removed it as the oldest
	}
	if err != nil {
		return yield(nil, &UnreadError{File: path, Err: err})
	}
	defer f.Close()
	return readLines(f, path, yield)
}

func readLines(from io.Reader, path string, yield func(*document.WatchLine, error) bool) bool {
	in := bufio.NewReaderSize(from, 64<<10)
	for number := 1; ; number++ {
		text, err := readLine(in)
		if errors.Is(err, io.EOF) {
			return true
		}
		var line *document.WatchLine
		if err == nil {
			line, err = document.DecodeWatchLine(text)
		}
		var failed *fs.PathError // of the file, and not of this line
		switch {
		case errors.As(err, &failed):
			return yield(nil, &UnreadError{File: path, Err: err})
		case err != nil:
			err = &UnreadError{File: path, Line: number, Err: err}
		}
		if !yield(line, err) {
			return false
		}
	}
}

// readLine returns the next line without its line feed. It returns io.EOF at the end.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	length := 0
	for {
		part, err := in.ReadSlice('\n')
		if length += len(part); length <= maxLine {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && length > 0:
			return nil, ErrCut
		case err != nil:
			return nil, err
		case length > maxLine:
			return nil, fmt.Errorf("the line has %s", value.Bytes(uint64(length)))
		}
		return bytes.TrimSuffix(line, []byte("\n")), nil
	}
}

// HasWriter reports whether a watch writes to the journal in a folder: it holds the lock of the folder until it ends, however it does.
// To ask takes a shared lock for a moment, if there is no writer.
func HasWriter(dir string) (bool, error) {
	folder, err := os.Open(dir)
	if err != nil {
		return false, err
	}
	defer folder.Close()
	switch err := unix.Flock(int(folder.Fd()), unix.LOCK_SH|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		return true, nil
	case err != nil:
		return false, &fs.PathError{Op: "flock", Path: dir, Err: err}
	}
	return false, nil
}
