package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"haltscope/compare/fault"
	"haltscope/compare/value"
)

// Writer appends lines to a journal. After an error it can still be used: the next line may succeed.
type Writer struct {
	root      *os.Root
	lock      *os.File // the folder
	maxBytes  int64
	fileBytes int64

	file       *os.File // that takes the next line; nil until it is opened
	size       int64    // of file
	unsynced   bool     // file has lines that may not be on disk
	unsyncedIn bool     // the folder has names that may not be on disk
}

// Open opens the journal in a folder, which it creates if it is missing. A folder has one writer at a time.
func Open(dir string) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	lock, err := lockFolder(root)
	if err != nil {
		root.Close()
		return nil, err
	}
	return &Writer{root: root, lock: lock, maxBytes: MaxBytes, fileBytes: fileBytes}, nil
}

// lockFolder locks a folder until it is closed. It takes none that other users can write to: they could replace the files.
func lockFolder(root *os.Root) (*os.File, error) {
	folder, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	name := value.Quote(root.Name())
	switch info, err := folder.Stat(); {
	case err != nil:
		folder.Close()
		return nil, err
	case !ours(info):
		folder.Close()
		return nil, fault.WithHint(fmt.Errorf("%s: this folder belongs to another user", name), "name another one, or: chown root "+name)
	case info.Mode().Perm()&0o022 != 0:
		folder.Close()
		return nil, fault.WithHint(fmt.Errorf("%s: other users can write to this folder", name), "name another one, or: chmod go-w "+name)
	}
	err = unix.Flock(int(folder.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return folder, nil
	}
	folder.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, fault.WithHint(fmt.Errorf("%s: another watch writes to this journal", name), "end that one, or name another folder")
	}
	return nil, &fs.PathError{Op: "flock", Path: root.Name(), Err: err}
}

// ours reports whether a folder belongs to root or to the user of this process.
func ours(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == 0 || int(stat.Uid) == os.Geteuid())
}

// Write appends a line, which ends in a line feed. If that fails, nothing of the line stays.
func (w *Writer) Write(line []byte) (int, error) {
	if w.file != nil && w.size > 0 && w.size+int64(len(line)) > w.fileBytes {
		if err := w.endFile(); err != nil {
			return 0, err
		}
	}
	if w.file == nil {
		if err := w.openFile(int64(len(line))); err != nil {
			return 0, err
		}
	}
	n, err := w.file.Write(line)
	if err != nil {
		w.removeCut(int64(n))
		return 0, err
	}
	w.size += int64(n)
	w.unsynced = true
	return n, nil
}

// removeCut removes the bytes of a line that was not written as a whole. If it cannot, the next line begins another file.
func (w *Writer) removeCut(bytes int64) {
	if bytes == 0 {
		return
	}
	info, err := w.file.Stat()
	if err == nil {
		err = w.file.Truncate(info.Size() - bytes)
	}
	if err != nil {
		w.file.Close()
		w.file = nil
	}
}

// openFile opens the last file if a line of some bytes fits, and a new one otherwise.
func (w *Writer) openFile(bytes int64) error {
	all, err := files(w.root.FS())
	if err != nil {
		return err
	}
	number := 1
	if len(all) > 0 {
		last := all[len(all)-1]
		if last.size+bytes <= w.fileBytes {
			if w.file = w.openWhole(last); w.file != nil {
				w.size = last.size
				return nil
			}
		}
		number = last.number + 1
	}
	if err := w.removeOldest(all); err != nil {
		return err
	}
	for ; ; number++ {
		f, err := w.root.OpenFile(fmt.Sprintf("watch-%08d.jsonl", number), os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue // something else that has this name
		}
		if err != nil {
			return err
		}
		w.file, w.size, w.unsyncedIn = f, 0, true
		return nil
	}
}

// openWhole opens a file to append to it. It returns nil if the last line is cut, or it cannot know.
func (w *Writer) openWhole(last file) *os.File {
	f, err := w.root.OpenFile(last.name, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil
	}
	end := []byte{'\n'}
	if last.size > 0 {
		_, err = f.ReadAt(end, last.size-1)
	}
	if err != nil || end[0] != '\n' {
		f.Close()
		return nil
	}
	return f
}

// removeOldest removes files until there is room for another one.
func (w *Writer) removeOldest(all []file) error {
	total := w.fileBytes
	for _, f := range all {
		total += f.size
	}
	for _, f := range all {
		if total <= w.maxBytes {
			break
		}
		if err := w.root.Remove(f.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		total -= f.size
	}
	return nil
}

// Unsynced reports whether there are lines that may not be on disk.
func (w *Writer) Unsynced() bool { return w.unsynced }

// Sync has all lines reach the disk. If somebody has removed the file, it fails, and the next line begins another one.
func (w *Writer) Sync() error {
	if !w.unsynced || w.file == nil {
		return nil
	}
	w.unsynced = false // even after an error: the kernel does not try again
	if err := w.file.Sync(); err != nil {
		return err
	}
	var stat unix.Stat_t
	if err := unix.Fstat(int(w.file.Fd()), &stat); err != nil {
		return &fs.PathError{Op: "fstat", Path: w.file.Name(), Err: err}
	}
	if stat.Nlink == 0 {
		name := w.file.Name()
		w.file.Close()
		w.file = nil
		return fmt.Errorf("%s was removed, with the lines in it", value.Quote(name))
	}
	if !w.unsyncedIn {
		return nil
	}
	w.unsyncedIn = false
	return w.lock.Sync()
}

// endFile closes the file that takes lines.
func (w *Writer) endFile() error {
	err := w.Sync()
	if w.file != nil {
		err = errors.Join(err, w.file.Close())
		w.file = nil
	}
	return err
}

// Close ends the journal. Another writer may open it then.
func (w *Writer) Close() error { return errors.Join(w.endFile(), w.lock.Close(), w.root.Close()) }
