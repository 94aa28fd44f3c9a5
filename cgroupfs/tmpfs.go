package cgroupfs

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// Tmpfs is a tmpfs that a process can reach. What it holds is memory, charged to whoever wrote it first, and stays when
// its writer ends.
type Tmpfs struct {
	MountPoint string // as the process sees it
	Dev        uint64 // st_dev of its files
	Used       Figure // bytes, swapped out ones too; Unsupported where Size is Max, for the kernel does not say
	Size       Figure // bytes; Max when it was mounted without a limit

	mount uint64 // the mount's id
}

// TmpfsMounts lists the tmpfs mounts in the mount namespace of a process, each once, however often it is mounted or
// bound elsewhere. Figures are not measured of one that other mounts cover everywhere, nor of one below /proc or /sys:
// the way there is never cached. Docker has only empty ones there, to hide what they are mounted on.
func TmpfsMounts(pid int) ([]Tmpfs, error) {
	before, err := ReadStat(pid)
	if err != nil {
		return nil, err
	}
	// The magic link of the process's root is the only link that is followed.
	root, err := unix.Open(fmt.Sprintf("/proc/%d/root", pid), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the root of process %d: %w", pid, err)
	}
	defer unix.Close(root)
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/mountinfo", pid))
	if err != nil {
		return nil, fmt.Errorf("reading the mounts of process %d: %w", pid, err)
	}
	after, err := ReadStat(pid)
	if err != nil {
		return nil, err
	}
	if after.StartTime != before.StartTime {
		return nil, fmt.Errorf("process %d: %w: its pid is another's now", pid, ErrNoProcess)
	}
	mounts, err := parseMountinfo(data)
	if err != nil {
		return nil, fmt.Errorf("reading the mounts of process %d: %w", pid, err)
	}
	var all []Tmpfs
	at := map[uint64]int{}
	for _, m := range mounts {
		i, seen := at[m.Dev]
		if !seen {
			i = len(all)
			at[m.Dev] = i
			all = append(all, m)
		}
		// The first mount that can be asked stands for all of its device.
		if all[i].Size.State() == NotMeasured {
			if m.Used, m.Size = statTmpfs(root, m); m.Size.State() != NotMeasured {
				all[i] = m
			}
		}
	}
	return all, nil
}

// parseMountinfo picks the tmpfs mounts out of /proc/PID/mountinfo. Mount points outside of the process's root are not
// in it. Source: proc_pid_mountinfo(5).
//
//	25 24 0:23 / /dev/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=65536k
func parseMountinfo(data []byte) ([]Tmpfs, error) {
	var mounts []Tmpfs
	for line := range bytes.Lines(data) {
		// Only lines of tmpfs go to the library: those of an overlay can be longer than it reads. Spaces within a field are
		// written as \040.
		if !bytes.Contains(line, []byte(" - tmpfs ")) {
			continue
		}
		infos, err := mountinfo.GetMountsFromReader(bytes.NewReader(line), mountinfo.FSTypeFilter("tmpfs"))
		if err != nil {
			return nil, err
		}
		for _, i := range infos {
			mounts = append(mounts, Tmpfs{MountPoint: i.Mountpoint, Dev: unix.Mkdev(uint32(i.Major), uint32(i.Minor)), mount: uint64(i.ID)})
		}
	}
	return mounts, nil
}

// statTmpfs asks one tmpfs for its size. The path is the container's: no link of it is followed, and no file system but
// the tmpfs itself is asked, because it might be one that never answers. By RESOLVE_CACHED the ones on the way are not
// (mount points and what leads to them are always cached), and /proc tells which mount the path led to.
func statTmpfs(root int, m Tmpfs) (used, size Figure) {
	fd, err := openCached(root, m.MountPoint)
	switch {
	case err == nil:
		defer unix.Close(fd)
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return Without(Denied), Without(Denied)
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL):
		return Without(Unsupported), Without(Unsupported) // Linux before 5.12
	default:
		return Figure{}, Figure{} // covered by another mount, or unmounted meanwhile
	}
	info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", fd))
	if err != nil || !parseMountID(info).Is(m.mount) {
		return Figure{}, Figure{}
	}
	var fs unix.Statfs_t
	if err := unix.Fstatfs(fd, &fs); err != nil || fs.Type != unix.TMPFS_MAGIC {
		return Without(Failed), Without(Failed)
	}
	if fs.Blocks == 0 {
		return Without(Unsupported), Figure{state: Max}
	}
	return Number((fs.Blocks - fs.Bfree) * uint64(fs.Bsize)), Number(fs.Blocks * uint64(fs.Bsize))
}

// openCached opens a path below root for asking only. Source: openat2(2).
func openCached(root int, path string) (fd int, err error) {
	const resolveCached = 0x20 // RESOLVE_CACHED, include/uapi/linux/openat2.h; since Linux 5.12
	how := unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | resolveCached,
	}
	for range 10 {
		fd, err = unix.Openat2(root, path, &how)
		// EAGAIN may come of a mount or a name that changed at the same moment.
		if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
			break
		}
	}
	return fd, err
}

// parseMountID reads `mnt_id` of /proc/PID/fdinfo/FD: the id by which mountinfo knows the mount. Source:
// proc_pid_fdinfo(5).
//
//	pos:	0
//	flags:	012000000
//	mnt_id:	25
func parseMountID(data []byte) Figure {
	for line := range bytes.Lines(data) {
		if value, ok := bytes.CutPrefix(line, []byte("mnt_id:")); ok {
			return parseUint(bytes.TrimSpace(value))
		}
	}
	return Without(Unsupported)
}
