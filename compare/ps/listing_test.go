package ps

import (
	"errors"
	"testing"

	"haltscope/cgroupfs/proc"
)

// The main process is the one that started first: if one could not be read, it may be that one.
func TestMainProcess(t *testing.T) {
	unread := errors.New("too many open files")
	read := func(pid int) (proc.Stat, error) {
		switch pid {
		case 1:
			return proc.Stat{PID: 1, Comm: "app", StartTime: 10, FirstThreadEnded: true}, nil
		case 2:
			return proc.Stat{PID: 2, Comm: "worker", StartTime: 20}, nil
		case 3:
			return proc.Stat{}, unread
		}
		return proc.Stat{}, proc.ErrNoProcess
	}
	for name, c := range map[string]struct {
		pids  []int
		main  int
		ended bool
		err   error
	}{
		"it has ended":          {[]int{2, 1}, 1, true, nil},
		"another's":             {[]int{2}, 2, false, nil},
		"one is gone":           {[]int{1, 4}, 1, true, nil},
		"one could not be read": {[]int{1, 3}, 0, false, unread},
		"none is left":          {[]int{4}, 0, false, nil},
	} {
		main, err := mainProcessOf(c.pids, read)
		if main.PID != c.main || main.FirstThreadEnded != c.ended || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %v", name, main, err)
		}
	}
}
