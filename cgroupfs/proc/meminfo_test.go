package proc

import (
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

func TestParseMeminfo(t *testing.T) {
	n, missing, failed := figure.Number, figure.Without(figure.Unsupported), figure.Without(figure.Failed)
	for name, c := range map[string]struct {
		text string
		want Meminfo
	}{
		"whole": {
			"MemTotal:       24684096 kB\nMemFree: 1 kB\nMemAvailable: 2 kB\nAnonPages: 3 kB\nShmem: 0 kB\nSwapTotal: 0 kB\nSwapFree: x kB\n",
			Meminfo{MemTotal: n(24684096 << 10), MemFree: n(1024), MemAvailable: n(2048), Buffers: missing, Cached: missing, AnonPages: n(3072),
				Shmem: n(0), SwapTotal: n(0), SwapFree: failed},
		},
		"cut": {"MemTotal:       246840", Meminfo{failed, missing, missing, missing, missing, missing, missing, missing, missing}},
	} {
		if got := parseMeminfo([]byte(c.text)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestParseMeminfoRecorded(t *testing.T) {
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		m := parseMeminfo(figuretest.Read(t, dir, "meminfo"))
		total, _ := m.MemTotal.Value()
		available, _ := m.MemAvailable.Value()
		swap, _ := m.SwapTotal.Value()
		free, ok := m.SwapFree.Value()
		if total < 128<<20 || available == 0 || available > total || !ok || free > swap {
			t.Errorf("%+v", m)
		}
	})
	if m := ReadMeminfo(); m.MemTotal.State() != figure.Present {
		t.Errorf("this host: %+v", m)
	}
}

func FuzzParseMeminfo(f *testing.F) { figuretest.Fuzz(f, parseMeminfo, "meminfo") }
