package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// Tmpfs is a tmpfs that a process can reach. Its content is memory, charged to the cgroup of whoever wrote it first. It
// stays charged after the writer has ended.
type Tmpfs struct {
	MountPoint string        // as the process sees it
	Dev        uint64        // st_dev of its files
	Used       figure.Figure // bytes, with those swapped out; Unsupported if Size is Max, because the kernel does not report it
	Size       figure.Figure // bytes; Max if it was mounted without a limit

	mountID uint64
}

// TmpfsMounts lists the tmpfs instances in the mount namespace of a process. Each is listed once, however often it is
// mounted. The error wraps [ErrNoProcess] if there is no such process.
//
// Used and Size are not measured for a tmpfs that other mounts cover, and for one below /proc or /sys, because the path
// there is never cached. Docker mounts only empty ones there, to hide what is below.
func TmpfsMounts(pid int) ([]Tmpfs, error) {
	before, err := ReadStat(pid)
	if err != nil {
		return nil, err
	}
	// This is the only link that is followed: the kernel resolves it, not the container.
	folder := Folder(pid)
	root, err := unix.Open(folder+"/root", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the root of process %d: %w", pid, err)
	}
	defer unix.Close(root)
	data, err := os.ReadFile(folder + "/mountinfo")
	if err := processError(pid, folder+"/mountinfo", err); err != nil {
		return nil, err
	}
	if err := before.ID().Check(); err != nil {
		return nil, err
	}
	mounts, err := parseMountinfo(data)
	if err != nil {
		return nil, fmt.Errorf("parsing the mounts of process %d: %w", pid, err)
	}
	return measureTmpfs(root, mounts), nil
}

// measureTmpfs keeps one mount for each device, and measures it: the first one that can be measured.
func measureTmpfs(root int, mounts []Tmpfs) (all []Tmpfs) {
	index := map[uint64]int{}
	for _, m := range mounts {
		i, seen := index[m.Dev]
		if !seen {
			i = len(all)
			index[m.Dev] = i
			all = append(all, m)
		}
		if all[i].Size.State() != figure.NotMeasured {
			continue
		}
		if m.Used, m.Size = statTmpfs(root, m); m.Size.State() != figure.NotMeasured {
			all[i] = m
		}
	}
	return all
}

// parseMountinfo parses the tmpfs mounts in /proc/PID/mountinfo, which has no mount points outside the root of the
// process.
//
//	25 24 0:23 / /dev/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=65536k
//
// Source: proc_pid_mountinfo(5), since Linux 2.6.26.
func parseMountinfo(data []byte) ([]Tmpfs, error) {
	var mounts []Tmpfs
	for line := range bytes.Lines(data) {
		// The library gets only the lines of tmpfs, because those of an overlay can be longer than it reads. A space within a
		// field is written as \040.
		if !bytes.Contains(line, []byte(" - tmpfs ")) {
			continue
		}
		infos, err := mountinfo.GetMountsFromReader(bytes.NewReader(line), mountinfo.FSTypeFilter("tmpfs"))
		if err != nil {
			return nil, err
		}
		for _, i := range infos {
			dev := unix.Mkdev(uint32(i.Major), uint32(i.Minor))
			mounts = append(mounts, Tmpfs{MountPoint: i.Mountpoint, Dev: dev, mountID: uint64(i.ID)})
		}
	}
	return mounts, nil
}

// statTmpfs returns the size of a tmpfs, in bytes, below an open root.
//
// The container chooses the path. So no link in it is followed, and no file system but the tmpfs itself is asked, because
// it might never answer: with RESOLVE_CACHED the kernel uses its cache only, and mount points and their parents are always
// cached. The mount id in fdinfo shows which mount the path led to.
func statTmpfs(root int, m Tmpfs) (used, size figure.Figure) {
	fd, err := openCached(root, m.MountPoint)
	switch {
	case err == nil:
		defer unix.Close(fd)
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return figure.Without(figure.Denied), figure.Without(figure.Denied)
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL):
		return figure.Without(figure.Unsupported), figure.Without(figure.Unsupported) // before Linux 5.12
	default:
		return figure.Figure{}, figure.Figure{} // covered by another mount, or unmounted in the meantime
	}
	info, state := figure.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", fd))
	if state != figure.Present || !parseMountID(info).Is(m.mountID) {
		return figure.Figure{}, figure.Figure{}
	}
	var fs unix.Statfs_t
	if err := unix.Fstatfs(fd, &fs); err != nil || fs.Type != unix.TMPFS_MAGIC {
		return figure.Without(figure.Failed), figure.Without(figure.Failed)
	}
	if fs.Blocks == 0 {
		return figure.Without(figure.Unsupported), figure.Without(figure.Max)
	}
	return figure.Number((fs.Blocks - fs.Bfree) * uint64(fs.Bsize)), figure.Number(fs.Blocks * uint64(fs.Bsize))
}

// openCached opens a path below root with O_PATH, without access to the file systems on the way. Source: openat2(2).
func openCached(root int, path string) (fd int, err error) {
	const resolveCached = 0x20 // RESOLVE_CACHED, include/uapi/linux/openat2.h, since Linux 5.12
	how := unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | resolveCached,
	}
	for range 10 {
		fd, err = unix.Openat2(root, path, &how)
		// EAGAIN may mean that a mount or a name changed at the same moment.
		if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
			break
		}
	}
	return fd, err
}
