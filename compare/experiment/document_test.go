package experiment

import (
	"fmt"
	"testing"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// What Docker did not answer is absent, for one of two reasons: the twin is gone, or the question failed.
func TestDockerStats(t *testing.T) {
	percent, bytes := 12.5, 4096.0
	listed := &dockercli.PsLine{Status: "Up 2 seconds"}
	for _, c := range []struct {
		name        string
		answers     answers
		cpu, memory value.Maybe[float64]
	}{
		{"both", answers{ps: listed, stats: &dockercli.Stats{CPUPercent: &percent, MemoryBytes: &bytes}},
			value.Known(percent), value.Known(bytes)},
		{"no sample yet", answers{ps: listed, stats: &dockercli.Stats{MemoryBytes: &bytes}},
			value.Absent[float64](value.Failed, "docker stats reported no sample"), value.Known(bytes)},
		{"stats lacks it", answers{ps: listed}, value.Absent[float64](value.Failed, "docker stats did not list it"),
			value.Absent[float64](value.Failed, "docker stats did not list it")},
		{"it is gone", answers{}, value.Absent[float64](value.Vanished, "docker ps does not list it"),
			value.Absent[float64](value.Vanished, "docker ps does not list it")},
		{"stats failed", answers{ps: listed, statsErr: errDocker}, value.Absent[float64](value.Failed, errDocker.Error()),
			value.Absent[float64](value.Failed, errDocker.Error())},
	} {
		a := &arm{aftermath: aftermath{answers: c.answers}}
		if got := a.stats(); got.CPUPercent != c.cpu || got.MemoryBytes != c.memory {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestRecordsInDocument(t *testing.T) {
	for _, c := range []struct {
		name    string
		log     *workloadLog
		resumed resumed
		lost    value.Maybe[int]
	}{
		{"some are lost", nil, resumed{records: &records{acknowledged: 5, persisted: 3}}, value.Known(2)},
		{"more on disk than were acknowledged", nil, resumed{records: &records{acknowledged: 3, persisted: 5}}, value.Known(0)},
		{"an image", nil, resumed{}, value.Absent[int](value.NotMeasured, "only the embedded workload keeps records that can be read back")},
		{"not brought back", &workloadLog{}, resumed{},
			value.Absent[int](value.NotMeasured, "the twin was not brought back: it is running or gone")},
		{"they could not be read", &workloadLog{}, resumed{recordsErr: errDocker}, value.Absent[int](value.Failed, errDocker.Error())},
	} {
		a := &arm{preparedTwin: &preparedTwin{log: c.log}, resumed: c.resumed}
		if got := a.data(); got.Lost != c.lost {
			t.Errorf("%s: %+v, want %+v", c.name, got.Lost, c.lost)
		}
	}
}

func TestResumeInDocument(t *testing.T) {
	for _, c := range []struct {
		name string
		b    resumed
		back backRun
		ok   bool
		same value.Maybe[bool]
	}{
		{"unpaused", resumed{command: "unpause"}, backRun{sameProcess: value.Known(true)}, true, value.Known(true)},
		{"started", resumed{command: "start"}, backRun{sameProcess: value.Known(false)}, true, value.Known(false)},
		{"started, and ended again", resumed{command: "start"}, unreadRun(fmt.Errorf("locating: %w", proc.ErrNoProcess)), true,
			value.Absent[bool](value.Vanished, "the twin has ended again")},
		{"started, and not to be read", resumed{command: "start"}, unreadRun(errDocker), true,
			value.Absent[bool](value.Failed, errDocker.Error())},
		{"docker start failed", resumed{command: "start", err: errDocker}, backRun{}, false,
			value.Absent[bool](value.NotMeasured, "there was no first process to compare")},
		{"not brought back", resumed{}, backRun{}, false, value.Absent[bool](value.NotMeasured, "there was no first process to compare")},
	} {
		a := &arm{preparedTwin: &preparedTwin{runningTwin: &runningTwin{}}, resumed: c.b, back: c.back}
		got := a.resume()
		if got.OK != c.ok || got.SameProcess != c.same || (got.Error != "") != (c.b.err != nil) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
