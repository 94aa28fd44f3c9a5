package target

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

var errUnread = errors.New("too many open files")

// statOf returns a way to read /proc/PID/stat: process 7 is there, 8 is a zombie, 9 cannot be read, and no other exists.
func statOf(pid int) (proc.Stat, error) {
	switch pid {
	case 7:
		return proc.Stat{PID: 7, Comm: "app", State: 'S', StartTime: 70}, nil
	case 8:
		return proc.Stat{PID: 8, Comm: "old", State: 'Z', StartTime: 80}, nil
	case 9:
		return proc.Stat{}, errUnread
	}
	return proc.Stat{}, proc.ErrNoProcess
}

// A process that has ended is left out. One that could not be read is an error.
func TestUnread(t *testing.T) {
	for name, c := range map[string]struct {
		members    []int
		unsignaled []int
		stats      int
		err        error
	}{
		"all read":              {[]int{7, 8}, []int{7}, 2, nil},
		"one has ended":         {[]int{6, 7}, []int{7}, 1, nil},
		"one could not be read": {[]int{7, 9}, []int{7}, 0, errUnread},
	} {
		stats, err := readStats(c.members, statOf)
		if len(stats) != c.stats || !errors.Is(err, c.err) {
			t.Errorf("%s: stats %v, %v", name, stats, err)
		}
		all, err := unsignaled(&prediction.SignalTarget{First: prediction.Process{PID: 1}}, c.members, statOf)
		var pids []int
		for _, p := range all {
			pids = append(pids, p.PID)
		}
		if !slices.Equal(pids, c.unsignaled) || !errors.Is(err, c.err) {
			t.Errorf("%s: unsignaled %v, %v", name, pids, err)
		}
		processes, err := readProcesses(7, c.members, 0, &processReader{statOf, statusRead, cmdlineOf(figure.Present)})
		if !errors.Is(err, c.err) || !slices.ContainsFunc(processes, func(p verdict.Process) bool { return p.PID == 7 }) {
			t.Errorf("%s: processes %v, %v", name, processes, err)
		}
	}
}

func statusRead(int) (proc.Status, error) { return proc.Status{}, nil }

// cmdlineOf returns a way to read /proc/PID/cmdline, which gives a sleep of busybox if the state is Present.
func cmdlineOf(state figure.State) func(int) ([]string, figure.State) {
	return func(int) ([]string, figure.State) {
		if state != figure.Present {
			return nil, state
		}
		return []string{"/bin/busybox", "sleep"}, state
	}
}

// What is read of a process besides its stat may fail as well. A process that has ended meanwhile is no failure.
func TestReadProcessesUnread(t *testing.T) {
	stat := func(comm string) readStat {
		return func(pid int) (proc.Stat, error) {
			return proc.Stat{PID: pid, Comm: comm, State: 'S', StartTime: 70}, nil
		}
	}
	status := func(err error) func(int) (proc.Status, error) {
		return func(int) (proc.Status, error) { return proc.Status{}, err }
	}
	for name, c := range map[string]struct {
		read processReader
		want string // a part of the error; "" for none
	}{
		"all read":                  {processReader{stat("app"), statusRead, cmdlineOf(figure.Failed)}, ""},
		"no status of the first":    {processReader{stat("app"), status(errUnread), cmdlineOf(figure.Failed)}, errUnread.Error()},
		"the first has ended":       {processReader{stat("app"), status(proc.ErrNoProcess), cmdlineOf(figure.Failed)}, ""},
		"arguments of an applet":    {processReader{stat("busybox"), statusRead, cmdlineOf(figure.Present)}, ""},
		"no arguments of an applet": {processReader{stat("busybox"), statusRead, cmdlineOf(figure.Denied)}, "/proc/7/cmdline: denied"},
		"an applet has ended":       {processReader{stat("busybox"), statusRead, cmdlineOf(figure.Vanished)}, ""},
		"no arguments of an exe":    {processReader{stat("exe"), statusRead, cmdlineOf(figure.Failed)}, "/proc/7/cmdline: failed"},
		"an exe has ended":          {processReader{stat("exe"), statusRead, cmdlineOf(figure.Vanished)}, ""},
		"an exe without arguments": {processReader{stat("exe"), statusRead,
			func(int) ([]string, figure.State) { return nil, figure.Present }}, ""},
	} {
		all, err := readProcesses(7, []int{7}, 0, &c.read)
		if len(all) != 1 || (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
	}
}

// Whether a program was built by Go is not known where its executable could not be read.
func TestReadGoUnread(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		isGo bool
		why  string
	}{
		"built by Go": {nil, true, ""},
		"not":         {fmt.Errorf("reading: %w", proc.ErrNotGo), false, ""},
		"unread":      {errUnread, false, errUnread.Error()},
	} {
		var p prediction.Process
		readGo(&p, func(int) (proc.GoProgram, error) { return proc.GoProgram{}, c.err })
		if (p.Go != nil) != c.isGo || p.GoError != c.why {
			t.Errorf("%s: %v, %q", name, p.Go, p.GoError)
		}
	}
}

// A process is the same one only if its start time is the same as well.
func TestSameProcess(t *testing.T) {
	before := proc.ID{PID: 7, StartTime: 70}
	for name, c := range map[string]struct {
		before proc.ID
		pid    int
		want   value.Maybe[bool]
		detail string
	}{
		"the same":             {before, 7, value.Known(true), ""},
		"the PID of before":    {proc.ID{PID: 7, StartTime: 69}, 7, value.Known(false), ""},
		"another PID":          {before, 8, value.Known(false), ""},
		"none now":             {before, 0, value.Absent[bool](value.NotMeasured, ""), "none now"},
		"it has ended":         {before, 6, value.Absent[bool](value.Vanished, ""), "has ended"},
		"it could not be read": {before, 9, value.Absent[bool](value.Failed, ""), errUnread.Error()},
	} {
		got := sameProcess(c.before, c.pid, statOf)
		same, _ := got.Get()
		wanted, _ := c.want.Get()
		if same != wanted || got.Reason() != c.want.Reason() || !strings.Contains(got.Detail(), c.detail) {
			t.Errorf("%s: %t, %s, %q", name, same, got.Reason(), got.Detail())
		}
	}
	if got := SameProcess(nil, 7); got.Reason() != value.NotMeasured {
		t.Errorf("no process before: %+v", got)
	}
}
