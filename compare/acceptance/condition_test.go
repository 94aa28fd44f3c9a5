package acceptance

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/trace"
)

// kernelTraces reports whether the kernel reports births and ends of processes as they happen.
func kernelTraces() bool {
	tap, err := trace.OpenProcesses()
	if err != nil {
		return false
	}
	tap.Close()
	return true
}

// kernelReportsWaitStatus reports whether the kernel reports the wait status of processes that have ended, as Linux does since 6.15.
func kernelReportsWaitStatus() (bool, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return false, err
	}
	var major, minor int
	fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &major, &minor)
	return major > 6 || major == 6 && minor >= 15, nil
}

// hasJournald reports whether a story can start a journald of its own, and log to it as earlyoom and systemd-oomd.
func hasJournald() bool {
	for _, program := range []string{"/lib/systemd/systemd-journald", "journalctl", "systemd-cat", "unshare"} {
		if _, err := exec.LookPath(program); err != nil {
			return false
		}
	}
	for _, unit := range []string{"earlyoom", "systemd-oomd"} {
		if _, err := os.Stat("/sys/fs/cgroup/system.slice/" + unit + ".service"); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

// TestUnmade checks that a guarded line that does not run is listed, and so is each line after a stop.
func TestUnmade(t *testing.T) {
	const story = `# comment
[!yes] skip 'not here'
[yes] one
[no] two
[!no] three
[yes] [no] four
[yes] [!no] five

[no] stop 'too early'
six
[yes] stop 'here'
# comment
seven
[no] eight`
	got, err := unmade(story, func(condition string) (bool, error) { return condition == "yes", nil })
	if want := []string{"4: [no] two", "6: [yes] [no] four", "13: seven", "14: [no] eight"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; wanted %q", got, err, want)
	}
}
