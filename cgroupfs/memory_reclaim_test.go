package cgroupfs

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// Before Linux 5.19 there is no memory.reclaim.
func TestCanReclaim(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cgroup")
	writeCgroup(t, dir, map[string]string{"cgroup.procs": ""})
	h := &Host{Version: 2, mounts: map[string]mount{"": {point: "/nowhere"}}}
	g := h.open(map[string]location{"": {path: dir}})
	defer g.Close()
	if err := g.CanReclaim(); !errors.Is(err, ErrNoReclaim) {
		t.Error(err)
	}
	writeCgroup(t, dir, map[string]string{"memory.reclaim": ""})
	if err := g.CanReclaim(); err != nil {
		t.Error(err)
	}
	gone := h.open(map[string]location{"": {path: dir + "-gone"}})
	if err := gone.CanReclaim(); err == nil || errors.Is(err, ErrNoReclaim) {
		t.Error(err)
	}
}

// TestReclaimInterrupted checks what is requested after signals have ended requests: what is left of the amount, and never more.
func TestReclaimInterrupted(t *testing.T) {
	for _, c := range []struct {
		name    string
		charged []uint64 // before, and after each request that was ended
		ends    []error  // of the requests
		asked   []uint64
		less    bool
		err     error
	}{
		{"no signal", []uint64{100}, []error{nil}, []uint64{40}, false, nil},
		{"less than that", []uint64{100}, []error{unix.EAGAIN}, []uint64{40}, true, nil},
		{"a failure", []uint64{100}, []error{unix.EINVAL}, []uint64{40}, false, unix.EINVAL},
		{"one signal, nothing freed", []uint64{100, 100}, []error{unix.EINTR, nil}, []uint64{40, 40}, false, nil},
		{"two signals, some freed each time", []uint64{100, 90, 75}, []error{unix.EINTR, unix.EINTR, nil}, []uint64{40, 30, 15}, false, nil},
		{"a signal after all was freed", []uint64{100, 55}, []error{unix.EINTR}, []uint64{40}, false, nil},
		{"a signal, and then no more to be found", []uint64{100, 90}, []error{unix.EINTR, unix.EAGAIN}, []uint64{40, 30}, true, nil},
		{"a signal, and the program has taken more", []uint64{100, 130}, []error{unix.EINTR, nil}, []uint64{40, 40}, false, nil},
	} {
		var asked []uint64
		r := reclaimRequest{
			write: func(bytes uint64) error {
				asked = append(asked, bytes)
				return c.ends[len(asked)-1]
			},
			charged: func() (uint64, error) { return c.charged[len(asked)], nil },
		}
		less, err := r.until(40)
		if less != c.less || !errors.Is(err, c.err) || !slices.Equal(asked, c.asked) {
			t.Errorf("%s: asked for %v, %t, %v; wanted %v, %t, %v", c.name, asked, less, err, c.asked, c.less, c.err)
		}
	}
	always := reclaimRequest{write: func(uint64) error { return unix.EINTR }, charged: func() (uint64, error) { return 100, nil }}
	if _, err := always.until(40); !errors.Is(err, errInterrupted) {
		t.Error(err)
	}
}
