package host

import (
	"bytes"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/fault"
)

// Kernel finds the cgroup file system of this machine. It refuses a user other than root, and a /proc that cannot be used.
func Kernel() (*cgroupfs.Host, error) {
	if os.Geteuid() != 0 {
		return nil, &fault.UnfitError{
			What: fmt.Sprintf("haltscope runs as user %d, but only root may read the cgroups and processes of containers", os.Geteuid()),
			Next: "run it as root: sudo haltscope …",
		}
	}
	if err := ownProc(); err != nil {
		return nil, err
	}
	kernel, err := cgroupfs.NewHost()
	if err != nil {
		return nil, &fault.UnfitError{What: "finding the cgroup file system of this machine", Err: err,
			Next: "mount cgroup v2: mount -t cgroup2 none /sys/fs/cgroup"}
	}
	return kernel, nil
}

// ownProc refuses a /proc of another PID namespace: system calls would take its PIDs for other processes.
func ownProc() error {
	own, err := proc.ShowsOwnNamespace()
	switch {
	case err != nil:
		return &fault.UnfitError{What: "finding this process in /proc", Err: err, Next: "mount it: mount -t proc proc /proc"}
	case !own:
		return &fault.UnfitError{What: "/proc shows the processes of another PID namespace, not those of haltscope's own",
			Next: "run haltscope on the host itself (with unshare --pid, add --mount-proc)"}
	}
	return nil
}

// Release returns the version of this machine's kernel. Source: uname(2).
func Release() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		panic("uname: " + err.Error()) // possible only with a bad address
	}
	release, _, _ := bytes.Cut(u.Release[:], []byte{0})
	return string(release)
}
