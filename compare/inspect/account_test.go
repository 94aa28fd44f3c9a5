package inspect

import (
	"errors"
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// TestSameState checks that limits which docker update changes during the inspection are noticed.
func TestSameState(t *testing.T) {
	var before, after dockercli.Container
	ten := int64(10)
	if !sameState(before, after) {
		t.Error("nothing has changed")
	}
	after.HostConfig.PidsLimit = &ten
	if sameState(before, after) {
		t.Error("docker update --pids-limit 10 was not noticed")
	}
	before.HostConfig.PidsLimit = &ten
	if after.HostConfig.Memory = 1 << 30; sameState(before, after) {
		t.Error("docker update --memory 1g was not noticed")
	}
}

// TestNotesOfEndedContainer checks that the figures of a container that has ended vanished, rather than were not measured.
func TestNotesOfEndedContainer(t *testing.T) {
	a := &account{Target: &target.Target{}, kernel: gone(2)}
	doc := a.document()
	for _, n := range document.Notes(&doc) {
		if n.Reason == value.NotMeasured && n.Detail == "" {
			t.Errorf("%+v", n)
		}
	}
	if doc.Memory.CurrentBytes.Reason() != value.Vanished {
		t.Errorf("%+v", doc.Memory.CurrentBytes)
	}
}

func TestCPULimit(t *testing.T) {
	for _, c := range []struct {
		nano, quota, period int64
		want                float64
	}{
		{0, 0, 0, 0}, {500_000_000, 0, 0, 0.5}, {0, 50_000, 0, 0.5}, {0, 50_000, 200_000, 0.25}, {0, -1, 0, 0},
	} {
		var container dockercli.Container
		container.HostConfig.NanoCpus, container.HostConfig.CPUQuota, container.HostConfig.CPUPeriod = c.nano, c.quota, c.period
		if got := cpuLimit(&container); got != c.want {
			t.Errorf("%+v: %g", c, got)
		}
	}
}

// TestReadMembers checks that a process that could not be read is told from one that has ended, and that nothing is added up without it.
func TestReadMembers(t *testing.T) {
	errUnread := errors.New("too many open files")
	read := func(pid int) (proc.Member, error) {
		switch pid {
		case 7:
			m := proc.Member{Stat: proc.Stat{PID: 7, Comm: "app"}}
			m.Rollup.Rss, m.Rollup.Pss = figure.Number(2), figure.Number(1)
			return m, nil
		case 9:
			return proc.Member{}, errUnread
		}
		return proc.Member{}, proc.ErrNoProcess
	}
	for name, c := range map[string]struct {
		pids  []int
		err   error
		known bool
	}{
		"all read":              {[]int{7}, nil, true},
		"one has ended":         {[]int{6, 7}, nil, true},
		"one could not be read": {[]int{9, 7}, errUnread, false},
	} {
		a := &account{}
		a.held.members, a.held.membersErr = readMembers(c.pids, read)
		_, _, ok := a.mapped()
		if len(a.held.members) != 1 || !errors.Is(a.held.membersErr, c.err) || ok != c.known {
			t.Errorf("%s: %+v, %v, %t", name, a.held.members, a.held.membersErr, ok)
		}
	}
}
