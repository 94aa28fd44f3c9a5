package report

import (
	"strings"
	"testing"
	"time"
)

func TestDeedMemory(t *testing.T) {
	const mib = 1 << 20
	gone := Absent[uint64](Vanished, "")
	there := Absent[int64](NotMeasured, "")
	for _, c := range []struct {
		memory DeedMemory
		before int // processes
		want   string
	}{
		{DeedMemory{Known[uint64](100 * mib), gone, Known[int64](70 * mib), Known[int64](30 * mib)}, 1,
			"100 MiB → gone: 70 MiB returned to the host; up to 30 MiB of cache may stay until the host needs the room"},
		{DeedMemory{Known[uint64](100 * mib), gone, Known[int64](100 * mib), Known[int64](0)}, 1, "100 MiB → gone: 100 MiB returned to the host"},
		{DeedMemory{Known[uint64](100 * mib), Known[uint64](100 * mib), Known[int64](0), there}, 1, "100 MiB → 100 MiB: kept"},
		{DeedMemory{Known[uint64](100 * mib), Known[uint64](101 * mib), Known[int64](-mib), there}, 1, "100 MiB → 101 MiB: kept"},
		{DeedMemory{Known[uint64](100 * mib), Known[uint64](60 * mib), Known[int64](40 * mib), there}, 1, "100 MiB → 60 MiB: 40 MiB returned"},
		{DeedMemory{gone, Known[uint64](60 * mib), Absent[int64](NotMeasured, ""), there}, 0, "not running → 60 MiB"},
	} {
		d := Deed{Memory: c.memory, Process: DeedProcess{Before: Known(c.before)}}
		if got := d.memory(); got != c.want {
			t.Errorf("%q, wanted %q", got, c.want)
		}
	}
}

// Docker's success is not the program's: of a forced stop, and of that alone, the head says so.
func TestHeadline(t *testing.T) {
	for _, c := range []struct {
		kind string
		code Maybe[int]
		says bool
	}{
		{"forced", Known(0), true}, {"forced", Known(1), false}, {"graceful", Known(0), false}, {"forced", Absent[int](Failed, ""), false},
	} {
		var b strings.Builder
		d := Deed{Name: "web", Verdict: Known(Verdict{Kind: c.kind}), Command: Command{ExitCode: c.code}, Timing: DeedTiming{EffectMs: Known(1500.0)}}
		page := &Page{}
		d.headline(page, "stop")
		if err := page.write(&b, TableOptions{}); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), "web: "+c.kind+", after 1.50 s\n") || strings.Contains(b.String(), "docker stop reports success") != c.says {
			t.Errorf("%v: %q", c, b.String())
		}
	}
}

func TestGraceText(t *testing.T) {
	for _, c := range []struct {
		past, grace time.Duration
		want        string
	}{
		{0, 10 * time.Second, "docker stop web: 0 s of 10 s grace"},
		{4900 * time.Millisecond, 10 * time.Second, "docker stop web: 4 s of 10 s grace"},
		{10 * time.Second, 10 * time.Second, "docker stop web: the grace of 10 s is over, SIGKILL"},
		{time.Minute, -time.Second, "docker stop web: 60 s of a grace without end"},
	} {
		if got := graceText("docker stop web", c.past, c.grace); got != c.want {
			t.Errorf("%q, wanted %q", got, c.want)
		}
	}
}
