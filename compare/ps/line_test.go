package ps

import (
	"slices"
	"testing"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/rules/drift"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

var n = figure.Number

// running returns two readings of a running container, 2 s apart, in which it used 10 % of a core.
func running() *snapshot {
	before := cgroupfs.Reading{At: time.Unix(1000, 0), Populated: n(1), CPUUsage: n(1_000_000),
		Freezer: cgroupfs.Freezer{Requested: n(0), Frozen: n(0)}}
	now := before
	now.At, now.CPUUsage = before.At.Add(2*time.Second), n(1_200_000)
	return &snapshot{group: &cgroupfs.Group{Version: 2, Path: "/sys/fs/cgroup/c"}, before: before, now: now}
}

func TestPsLine(t *testing.T) {
	vanished, _ := cgroupfs.Gone()
	for _, c := range []struct {
		name     string
		state    string
		snapshot func() *snapshot
		exists   bool
		percent  value.Maybe[float64]
		drift    []document.FindingKind
	}{
		{"running", "running", running, true, value.Known(10.0), []document.FindingKind{}},
		{"running, and found late", "running", func() *snapshot {
			s := running()
			s.before = cgroupfs.Reading{}
			return s
		}, true, value.Absent[float64](value.NotMeasured, "it was found too late for a second reading"), []document.FindingKind{}},
		{"paused, and thawed by another process", "paused", running, true, value.Known(10.0), []document.FindingKind{drift.ThawedOutsideDocker}},
		{"paused, and resumed by a docker unpause that may not have returned", "paused", func() *snapshot {
			s := running()
			s.busy = true
			return s
		}, true, value.Known(10.0), []document.FindingKind{}},
		{"paused while docker was asked", "running", func() *snapshot {
			s := running()
			s.now.Freezer.Requested = n(1)
			return s
		}, true, value.Known(10.0), []document.FindingKind{}},
		{"running, without a cgroup", "running", func() *snapshot { return &snapshot{} }, false,
			value.Absent[float64](value.Vanished, "the cgroup or process is gone"), []document.FindingKind{drift.Gone}},
		{"ended while docker was asked", "running", func() *snapshot {
			s := running()
			s.now = vanished
			return s
		}, false, value.Absent[float64](value.Vanished, "the cgroup or process is gone"), []document.FindingKind{}},
		{"ended", "exited", func() *snapshot { return &snapshot{} }, false,
			value.Absent[float64](value.Vanished, "the cgroup or process is gone"), []document.FindingKind{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			one := &listing{options: Options{Window: time.Second}}
			l := psLine(dockercli.PsLine{ID: "c", Name: "web", State: c.state}, c.snapshot(), one.cpu)
			if l.Cgroup.Exists != c.exists || l.CPU.Percent != c.percent || !slices.Equal(l.Drift, c.drift) {
				t.Errorf("exists: %t, CPU %+v, drift %q", l.Cgroup.Exists, l.CPU.Percent, l.Drift)
			}
		})
	}
}

func TestName(t *testing.T) {
	for names, want := range map[string]string{"web": "web", "other/alias,web": "web", "web,other/alias": "web", "": ""} {
		if got := name(names); got != want {
			t.Errorf("%q: %q, want %q", names, got, want)
		}
	}
}

// TestElsewhere checks when the running containers are taken for those of another machine.
func TestElsewhere(t *testing.T) {
	lines := []dockercli.PsLine{{ID: "a", State: "running"}, {ID: "b", State: "paused"}, {ID: "c", State: "exited"}}
	for _, c := range []struct {
		name string
		seen map[string]*snapshot
		want []string
	}{
		{"none is here", nil, []string{"a", "b"}},
		{"one is here", map[string]*snapshot{"b": {}}, nil},
	} {
		l := &listing{seen: c.seen}
		if got := l.elsewhere(lines); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
