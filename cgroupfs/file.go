package cgroupfs

import (
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// bufferSize is enough for any file that is read whole. The longest, memory.stat, has less than 4 KiB on Linux 6.18.
const bufferSize = 8 << 10

// file is a kernel file that is opened when it is first read, stays open, and is read from its start again and again
// without allocating.
type file struct {
	in     *folder
	name   string
	fd     int
	opened bool  // an attempt was made
	err    error // why it is not open
}

// path is for messages.
func (f *file) path() string { return f.in.path + "/" + f.name }

// open opens the file, unless it is open or cannot be opened at all.
func (f *file) open() error {
	if !f.opened || f.err != nil && Exhausted(f.err) {
		f.opened = true
		f.fd, f.err = f.in.openFile(f.name)
	}
	return f.err
}

// pread reads the beginning of the file into buf.
func (f *file) pread(buf []byte) (n int, err error) {
	if err := f.open(); err != nil {
		return 0, err
	}
	for {
		if n, err = unix.Pread(f.fd, buf, 0); err != unix.EINTR {
			return n, err
		}
	}
}

// read returns the content of the file in buf. One pread returns all of it: a cgroup file shows its content as a single
// record, and the kernel enlarges its buffer until a record fits. Files of several records, such as cgroup.procs, are not
// read this way. Source: fs/seq_file.c, seq_read_iter; kernel/cgroup/cgroup.c, cgroup_seqfile_show.
func (f *file) read(buf []byte) ([]byte, figure.State) {
	n, err := f.pread(buf)
	switch {
	case err != nil:
		return nil, f.state(err)
	case n == len(buf):
		return nil, figure.Failed // longer than anything that the kernel documents
	}
	return buf[:n], figure.Present
}

// state returns the state that an error stands for. Without its folder the cgroup is gone; within it, the kernel has no
// such file.
func (f *file) state(err error) figure.State {
	s := figure.StateOf(f.path(), err)
	if s == figure.Unsupported && f.in.path != "" && !f.in.exists() {
		return figure.Vanished
	}
	return s
}

// figure reads a file that holds one value.
func (f *file) figure(buf []byte) figure.Figure {
	data, state := f.read(buf)
	if state != figure.Present {
		return figure.Without(state)
	}
	return figure.Parse(data)
}

// parsed reads the file, and parses one figure in it.
func (f *file) parsed(buf []byte, parse func([]byte) figure.Figure) figure.Figure {
	data, state := f.read(buf)
	if state != figure.Present {
		return figure.Without(state)
	}
	return parse(data)
}

// nonEmpty returns 1 if the file holds anything, however long it is, and 0 if it is empty.
func (f *file) nonEmpty(buf []byte) figure.Figure {
	n, err := f.pread(buf)
	if err != nil {
		return figure.Without(f.state(err))
	}
	return figure.Number(uint64(min(n, 1)))
}

// release closes the file until it is read again.
func (f *file) release() {
	if f.opened && f.err == nil {
		unix.Close(f.fd)
	}
	f.opened, f.err = false, nil
}

// close closes the file for good.
func (f *file) close() {
	f.release()
	f.opened, f.err = true, unix.EBADF
}
