package compare

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs"
)

// This process goes on, by its own label.
func TestFateOfSelf(t *testing.T) {
	me, err := observe()
	if err != nil {
		t.Fatal(err)
	}
	if fate, why := me.fateOf(me.owner.String(), thing{created: time.Now()}); fate != goesOn {
		t.Errorf("%s: %d, %s", me.owner, fate, why)
	}
	if again, err := parseOwner(me.owner.String()); err != nil || again != me.owner {
		t.Errorf("%+v is parsed as %+v, %v", me.owner, again, err)
	}
}

// A run is over only where that is certain.
func TestFate(t *testing.T) {
	booted := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	before, after := booted.Add(-time.Hour), booted.Add(time.Hour)
	me := observer{owner{"here", 10, 20, 1, 1}, booted, func(pid int) (cgroupfs.Stat, error) {
		switch pid {
		case 7:
			return cgroupfs.Stat{PID: 7, StartTime: 70}, nil
		case 8:
			return cgroupfs.Stat{PID: 8, StartTime: 80, Exiting: true}, nil
		case 9:
			return cgroupfs.Stat{}, fs.ErrPermission
		}
		return cgroupfs.Stat{}, errors.Join(cgroupfs.ErrNoProcess)
	}}
	for _, c := range []struct {
		name, label string
		made        thing
		want        fate
		why         string
	}{
		{"it runs", "here/10/20/7/70", thing{true, after}, goesOn, ""},
		{"another process has its pid", "here/10/20/7/71", thing{true, after}, over, ""},
		{"a zombie", "here/10/20/8/80", thing{true, after}, over, ""},
		{"no such process", "here/10/20/6/60", thing{true, after}, over, ""},
		{"the process cannot be read", "here/10/20/9/90", thing{true, after}, unknown, "could not be read"},
		{"another PID namespace", "here/11/20/6/60", thing{true, after}, unknown, "PID namespace"},
		{"another PID namespace, where the pid is that of another process here", "here/11/20/7/71", thing{true, after}, unknown, "PID namespace"},
		{"another time namespace", "here/10/21/7/71", thing{true, after}, unknown, "time namespace"},
		{"the boot before", "there/10/20/7/70", thing{false, before}, over, ""},
		{"another machine's, which runs", "there/10/20/7/70", thing{true, before}, unknown, "another machine"},
		{"another machine's, made after this boot", "there/10/20/7/70", thing{false, after}, unknown, "another machine"},
		{"an earlier version's", "here/7/71", thing{false, before}, unknown, "form"},
		{"no label", "", thing{false, before}, unknown, "no label"},
		{"a user's", "me", thing{false, before}, unknown, "form"},
		{"nonsense", "////", thing{false, before}, unknown, "form"},
		{"words for numbers", "here/a/b/c/d", thing{false, before}, unknown, "form"},
	} {
		fate, why := me.fateOf(c.label, c.made)
		if fate != c.want || !strings.Contains(why, c.why) || (why == "") != (c.want != unknown) {
			t.Errorf("%s: %d, %q", c.name, fate, why)
		}
	}
}
