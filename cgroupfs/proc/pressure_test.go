package proc

import (
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

func TestParsePressure(t *testing.T) {
	n, missing, failed := figure.Number, figure.Without(figure.Unsupported), figure.Without(figure.Failed)
	none := Stall{missing, missing, missing, missing}
	for name, c := range map[string]struct {
		text string
		want Pressure
	}{
		"whole": {
			"some avg10=18.37 avg60=0.00 avg300=100.00 total=6310651\nfull avg10=0.05 avg60=0.09 avg300=0.32 total=0\n",
			Pressure{Stall{n(1837), n(0), n(10000), n(6310651)}, Stall{n(5), n(9), n(32), n(0)}},
		},
		"of the CPU, before Linux 5.13": {
			"some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n",
			Pressure{Stall{n(0), n(0), n(0), n(1)}, none},
		},
		"cut": {"some avg10=0.0", Pressure{Stall{failed, missing, missing, missing}, none}},
	} {
		if got := ParsePressure([]byte(c.text)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func FuzzParsePressure(f *testing.F) {
	figuretest.SeedFiles(f, "../testdata/linux-*/*/*.pressure")
	figuretest.Fuzz(f, ParsePressure)
}

func FuzzParseHundredths(f *testing.F) { figuretest.Fuzz(f, parseHundredths) }
