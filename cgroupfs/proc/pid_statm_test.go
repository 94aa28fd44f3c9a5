package proc

import (
	"os"
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

func TestParseStatm(t *testing.T) {
	failed := figure.Without(figure.Failed)
	for text, want := range map[string]Statm{
		"4310 2876 1580 1371 0 2404 0\n": {figure.Number(4310 * 4096), figure.Number(2876 * 4096)},
		"0 0 0 0 0 0 0\n":                {figure.Number(0), figure.Number(0)}, // a kernel thread, or a zombie
		"4310 x 1580\n":                  {figure.Number(4310 * 4096), failed},
		"18446744073709551615 1 1\n":     {failed, figure.Number(4096)},
		"4310 2876":                      {failed, failed},
		"":                               {failed, failed},
	} {
		if got := parseStatm([]byte(text), 4096); got != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func FuzzParseStatm(f *testing.F) {
	figuretest.Fuzz(f, func(data []byte) Statm { return parseStatm(data, 1) })
}

func TestReadStatm(t *testing.T) {
	own := ReadStatm(os.Getpid())
	if resident, ok := own.Resident.Value(); !ok || resident == 0 || !own.Resident.Less(own.Size) {
		t.Errorf("this process: %+v", own)
	}
	if got := ReadStatm(999999999); got != figure.AllWithout[Statm](figure.Vanished) {
		t.Errorf("a process that does not exist: %+v", got)
	}
}
