package ps

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/cgroupfs/trace"
	"haltscope/compare/document"
	"haltscope/compare/rules/drift"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// A container with a CPU quota runs for a part of each period. The window that is measured over is longer than a period.
func TestCPU(t *testing.T) {
	now := time.Now()
	ago := func(d time.Duration) int64 { return (trace.Now() - d).Microseconds() }
	read := func(usage, frozen uint64) *snapshot {
		s := &snapshot{group: &cgroupfs.Group{Version: 2, Path: "/sys/fs/cgroup/c"}}
		s.before = cgroupfs.Reading{At: now.Add(-20 * time.Millisecond), Populated: n(1), CPUUsage: n(usage),
			Freezer: cgroupfs.Freezer{Requested: n(frozen), Frozen: n(frozen)}}
		s.now = s.before
		s.now.At = now
		return s
	}
	old := proc.Stat{PID: 1} // it started when the machine did
	uptime, err := old.Age()
	if err != nil {
		t.Fatal(err)
	}
	young := proc.Stat{PID: 1, StartTime: uint64(uptime.Seconds() * 100)}
	for _, c := range []struct {
		name    string
		s       *snapshot
		main    proc.Stat
		earlier *earlier
		window  time.Duration
		since   string
		percent float64 // −1 for none
	}{
		{"since the last call", read(3_000_000, 0), old, &earlier{ago(10 * time.Second), map[string]counter{"c": {0, 1_000_000}}}, 0,
			document.SinceEarlier, 20},
		{"restarted since", read(3_000_000, 0), old, &earlier{ago(10 * time.Second), map[string]counter{"c": {7, 1_000_000}}}, 0,
			document.SinceStart, 100 * 3 / uptime.Seconds()},
		{"the counter fell", read(3_000_000, 0), old, &earlier{ago(10 * time.Second), map[string]counter{"c": {0, 4_000_000}}}, 0,
			document.SinceStart, 100 * 3 / uptime.Seconds()},
		{"right after the last call", read(3_000_000, 0), old, &earlier{ago(time.Millisecond), map[string]counter{"c": {0, 3_000_000}}}, 0,
			document.SinceStart, 100 * 3 / uptime.Seconds()},
		{"the first call", read(3_000_000, 0), old, nil, 0, document.SinceStart, 100 * 3 / uptime.Seconds()},
		{"just started", read(3_000, 0), young, nil, 0, "", -1},
		{"no process is known", read(3_000, 0), proc.Stat{}, nil, 0, "", -1},
		{"frozen", read(3_000_000, 1), old, &earlier{ago(10 * time.Second), map[string]counter{"c": {0, 1_000_000}}}, 0,
			document.SinceWindow, 0},
		{"over a window", read(3_000_000, 0), old, &earlier{ago(10 * time.Second), map[string]counter{"c": {0, 1_000_000}}}, time.Second,
			document.SinceWindow, 0},
	} {
		l := &listing{options: Options{Window: c.window}, earlier: c.earlier}
		c.s.main = c.main
		k := drift.Kernel{Exists: true, Before: c.s.before, After: c.s.now}
		got := l.cpu("c", c.s, &k)
		percent, ok := got.Percent.Get()
		if !ok {
			percent = -1
		}
		if _, window := got.WindowMs.Get(); window != ok || got.Since != c.since || math.Abs(percent-c.percent) > math.Abs(c.percent)/100 {
			t.Errorf("%s: %+v, wanted %s %v", c.name, got, c.since, c.percent)
		}
	}
	unread := read(0, 0)
	unread.now.CPUUsage = figure.Without(figure.Denied)
	if got := psLine(dockercli.PsLine{State: "running"}, unread, (&listing{}).cpu).CPU.Percent; got.Reason() != value.Denied {
		t.Errorf("denied: %+v", got)
	}
	if got := (&listing{}).cpu("c", &snapshot{}, &drift.Kernel{}).Percent; got.Reason() != value.Vanished {
		t.Errorf("without a cgroup: %+v", got)
	}
}

// The counters survive until the next call, and what is no counter of this boot does not.
func TestEarlier(t *testing.T) {
	file := filepath.Join(t.TempDir(), "of", "ps.json")
	if e, err := readEarlier(file, time.Hour); e != nil || err != nil {
		t.Errorf("none yet: %+v, %v", e, err)
	}
	kept := &earlier{AtUsec: 5_000_000, Containers: map[string]counter{"c": {7, 1000}}}
	for range 2 {
		if err := kept.write(file); err != nil {
			t.Fatal(err)
		}
	}
	e, err := readEarlier(file, time.Hour)
	if err != nil || e.at() != 5*time.Second || e.Containers["c"] != (counter{7, 1000}) {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := readEarlier(file, time.Second); e != nil || err == nil {
		t.Errorf("of the future: %+v, %v", e, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
	for _, damaged := range []string{"", "{", `{"at_usec":-1}`, "[]"} {
		if err := os.WriteFile(file, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if e, err := readEarlier(file, time.Hour); e != nil || err == nil {
			t.Errorf("%q: %+v, %v", damaged, e, err)
		}
	}
}
