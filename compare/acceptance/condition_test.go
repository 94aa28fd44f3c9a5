package acceptance

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// tellsWaitStatus reports whether the kernel tells how any process has ended: from Linux 6.15 on.
func tellsWaitStatus() (bool, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return false, err
	}
	var major, minor int
	fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &major, &minor)
	return major > 6 || major == 6 && minor >= 15, nil
}
