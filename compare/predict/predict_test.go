package predict

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// TestNoProcess checks that a container without a process gets no prediction, in its own place in the list, and that the error says
// what to do instead.
func TestNoProcess(t *testing.T) {
	kernel, err := cgroupfs.NewHost()
	if err != nil {
		t.Skip(err)
	}
	of := func(name, status string, pid int) dockercli.Container {
		c := dockercli.Container{ID: strings.Repeat("c0ffee00", 8), Name: "/" + name}
		c.State.Status, c.State.Running, c.State.Pid = status, pid > 0, pid
		return c
	}
	p := predictor{kernel: kernel}
	answers := p.all([]dockercli.Container{of("ended", "exited", 0), of("new", "created", 0), of("late", "running", 999999999)})
	for i, want := range []struct {
		cause      error
		text, hint string
	}{
		{errNotRunning, "container ended is not running (exited): it has no process to read",
			"try a twin of it: haltscope predict --verify --like ended"},
		{errNotRunning, "container new is not running (created): it has no process to read",
			"try a twin of it: haltscope predict --verify --like new"},
		{proc.ErrNoProcess, "container late: its first process, 999999999, has just ended: " + proc.ErrNoProcess.Error(), ""},
	} {
		if err := answers[i].err; !errors.Is(err, want.cause) || err.Error() != want.text || fault.Hint(err) != want.hint {
			t.Errorf("%v; next: %s", err, fault.Hint(err))
		}
	}
}

// TestWithoutProcess checks that a cgroup that could not be read is not taken for an empty one.
func TestWithoutProcess(t *testing.T) {
	unread := errors.New("too many open files")
	for name, c := range map[string]struct {
		left   []int
		unread error
		cause  error
		text   string
	}{
		"empty":  {nil, nil, errNotRunning, "is not running (exited): it has no process"},
		"gone":   {nil, fmt.Errorf("listing: %w", os.ErrNotExist), errNotRunning, "is not running (exited): it has no process"},
		"left":   {[]int{7, 8}, nil, nil, "still has 2 processes: 7 8"},
		"unread": {nil, unread, unread, "it is not known whether its cgroup still has processes: too many open files"},
	} {
		err := withoutProcess("app", "exited", c.left, c.unread)
		if c.cause != nil && !errors.Is(err, c.cause) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
