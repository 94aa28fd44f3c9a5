package twin

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs/proc"
)

// This process is active, by its own label.
func TestRunStateOfSelf(t *testing.T) {
	me, err := NewObserver()
	if err != nil {
		t.Fatal(err)
	}
	if state, why := me.RunState(me.Owner.String(), Object{Created: time.Now()}); state != RunActive {
		t.Errorf("%s: %d, %s", me.Owner, state, why)
	}
	if again, err := parseOwner(me.Owner.String()); err != nil || again != me.Owner {
		t.Errorf("%+v is parsed as %+v, %v", me.Owner, again, err)
	}
}

// A run is over only if that is certain.
func TestRunState(t *testing.T) {
	booted := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	before, after := booted.Add(-time.Hour), booted.Add(time.Hour)
	me := Observer{Owner{"here", 10, 20, 1, 1}, booted, func(pid int) (proc.Stat, error) {
		switch pid {
		case 7:
			return proc.Stat{PID: 7, StartTime: 70}, nil
		case 8:
			return proc.Stat{PID: 8, StartTime: 80, Exiting: true}, nil
		case 9:
			return proc.Stat{}, fs.ErrPermission
		}
		return proc.Stat{}, errors.Join(proc.ErrNoProcess)
	}}
	for _, c := range []struct {
		name, label string
		made        Object
		want        RunState
		why         string
	}{
		{"it runs", "here/10/20/7/70", Object{true, after}, RunActive, ""},
		{"another process has its PID", "here/10/20/7/71", Object{true, after}, RunOver, ""},
		{"a zombie", "here/10/20/8/80", Object{true, after}, RunOver, ""},
		{"no such process", "here/10/20/6/60", Object{true, after}, RunOver, ""},
		{"the process cannot be read", "here/10/20/9/90", Object{true, after}, RunUnknown, "could not find out"},
		{"another PID namespace", "here/11/20/6/60", Object{true, after}, RunUnknown, "PID namespace"},
		{"another PID namespace, and another process with that PID here", "here/11/20/7/71", Object{true, after}, RunUnknown,
			"PID namespace"},
		{"another time namespace", "here/10/21/7/71", Object{true, after}, RunUnknown, "time namespace"},
		{"an earlier boot", "there/10/20/7/70", Object{false, before}, RunOver, ""},
		{"another machine's, which runs", "there/10/20/7/70", Object{true, before}, RunUnknown, "another machine"},
		{"another machine's, made after this boot", "there/10/20/7/70", Object{false, after}, RunUnknown, "another machine"},
		{"an earlier version's", "here/7/71", Object{false, before}, RunUnknown, "form"},
		{"no label", "", Object{false, before}, RunUnknown, "no label"},
		{"a user's", "me", Object{false, before}, RunUnknown, "form"},
		{"nonsense", "////", Object{false, before}, RunUnknown, "form"},
		{"letters for numbers", "here/a/b/c/d", Object{false, before}, RunUnknown, "form"},
	} {
		state, why := me.RunState(c.label, c.made)
		if state != c.want || !strings.Contains(why, c.why) || (why == "") != (c.want != RunUnknown) {
			t.Errorf("%s: %d, %q", c.name, state, why)
		}
	}
}
