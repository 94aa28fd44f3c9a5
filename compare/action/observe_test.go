package action

import (
	"errors"
	"fmt"
	"testing"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// A new cgroup that could not be located is not one that is gone.
func TestGroupNow(t *testing.T) {
	before, next := &cgroupfs.Group{Version: 2}, &cgroupfs.Group{Version: 2}
	ended := fmt.Errorf("finding the cgroup: %w", proc.ErrNoProcess)
	denied := errors.New("denied")
	for name, c := range map[string]struct {
		before *cgroupfs.Group
		pid    int
		next   *cgroupfs.Group
		err    error

		want   *cgroupfs.Group
		reason value.Reason // why the document has no memory figure and no number of processes
	}{
		"not running":             {before, 0, nil, ended, before, ""},
		"started":                 {nil, 7, next, nil, next, ""},
		"started, and has ended":  {nil, 7, nil, ended, nil, value.Vanished},
		"started, not to be read": {nil, 7, nil, denied, nil, value.Failed},
	} {
		got, err := groupNow(c.before, c.pid, func() (*cgroupfs.Group, error) { return c.next, c.err })
		if got != c.want || (err != nil) != (c.reason == value.Failed) {
			t.Errorf("%s: %p, %v", name, got, err)
		}
		if c.reason == "" {
			continue
		}
		r := done(value.Start, expect(verdict.Kind("")))
		r.Now = got
		r.ReadAfter, r.membersAfter = readNow(got, err)
		doc := r.document()
		if doc.Memory.AfterBytes.Reason() != c.reason || doc.Freezer.Frozen.Reason() != c.reason {
			t.Errorf("%s: %s, %s; want %s", name, doc.Memory.AfterBytes.Reason(), doc.Freezer.Frozen.Reason(), c.reason)
		}
		if n, ok := doc.Process.After.Get(); ok != (c.reason == value.Vanished) || n != 0 {
			t.Errorf("%s: processes %+v", name, doc.Process.After)
		}
	}
}
