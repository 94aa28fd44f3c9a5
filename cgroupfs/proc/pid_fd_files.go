package proc

import (
	"bytes"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// OpenFile is a descriptor of a process that has a file open.
type OpenFile struct {
	Path    string        // as the kernel writes it, with " (deleted)" after that of a deleted file
	MountID uint64        // see [Mount].ID
	Inode   figure.Figure // since Linux 5.14
	link    string
}

// ReadOpenFiles lists the descriptors of a process that have a file or a folder with a path open, or a memfd. Nothing is opened.
func ReadOpenFiles(pid int) (all []OpenFile, err error) {
	folder := Folder(pid)
	dir, err := os.Open(folder + "/fd")
	if err != nil {
		return nil, processError(pid, folder+"/fd", err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(maxFDs)
	if err != nil && len(names) == 0 {
		return nil, processError(pid, folder+"/fd", err)
	}
	for _, name := range names {
		link := folder + "/fd/" + name
		path, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(path, "/") {
			continue // closed in the meantime, or a socket, a pipe or the like
		}
		info, state := figure.ReadFile(folder + "/fdinfo/" + name)
		if state != figure.Present {
			continue
		}
		if id, ok := parseMountID(info).Value(); ok {
			all = append(all, OpenFile{Path: path, MountID: id, Inode: parseInode(info), link: link})
		}
	}
	return all, nil
}

// Open opens the file, and returns its path as it is now. The error is [ErrReplaced] if the descriptor has another file open by now. Such
// a file may be on another mount, so it is distinguished from the listed one without asking its file system.
func (f *OpenFile) Open() (file *RegularFile, path string, err error) {
	fd, path, err := openNamed(f.link)
	if err != nil {
		return nil, "", err
	}
	if err = f.check(fd, path); err != nil {
		unix.Close(fd)
		return nil, "", err
	}
	file, err = newRegularFile(fd)
	return file, path, err
}

// check compares what was listed with a descriptor of this process.
func (f *OpenFile) check(fd int, path string) error {
	own := selfInfo(fd)
	info, err := os.ReadFile(own)
	if err != nil {
		return err
	}
	mount, ok := parseMountID(info).Value()
	if !ok {
		return figure.Malformed(own, info)
	}
	inode, known := f.Inode.Value()
	if mount != f.MountID || known && !parseInode(info).Is(inode) || !known && path != f.Path {
		return ErrReplaced
	}
	return nil
}

// parseInode parses the inode number in the fdinfo of a descriptor.
//
//	pos:	0
//	flags:	0100002
//	mnt_id:	31
//	ino:	917586
//
// Source: proc_pid_fdinfo(5), since Linux 5.14.
func parseInode(data []byte) figure.Figure {
	for line := range bytes.Lines(data) {
		if value, ok := bytes.CutPrefix(line, []byte("ino:")); ok {
			return figure.ParseUint(bytes.TrimSpace(value))
		}
	}
	return figure.Without(figure.Unsupported)
}

// NamelessMount returns the device and the mount id of the kernel's own tmpfs, which no mountinfo lists. A memfd, a SysV segment and
// memory that processes share without a file are on it.
func NamelessMount() (dev, mountID uint64, err error) {
	fd, err := unix.MemfdCreate("haltscope", unix.MFD_CLOEXEC)
	if err != nil {
		return 0, 0, os.NewSyscallError("memfd_create", err)
	}
	defer unix.Close(fd)
	var s unix.Stat_t
	if err := unix.Fstat(fd, &s); err != nil {
		return 0, 0, os.NewSyscallError("fstat", err)
	}
	path := selfInfo(fd)
	info, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	id, ok := parseMountID(info).Value()
	if !ok {
		return 0, 0, figure.Malformed(path, info)
	}
	return s.Dev, id, nil
}
