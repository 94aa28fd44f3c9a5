package proc

import (
	"testing"

	"haltscope/cgroupfs/figure"
)

const zoneinfo = `Node 0, zone    DMA32
  pages free     772918
        boost    0
        min      5800
        present  781984
  pagesets
    cpu: 0
              count:    12
              high:     3625
              batch:    63
  vm stats threshold: 24
    cpu: 1
              count:    0
              high:     3625
Node 0, zone   Normal
  pages free     130075
  pagesets
    cpu: 0
              count:    16857
              high:     17097
    cpu: 1
              count:    13481
`

func TestParsePagesets(t *testing.T) {
	for _, c := range []struct {
		text string
		want figure.Figure
	}{
		{zoneinfo, figure.Number(12 + 16857 + 13481)},
		{"Node 0, zone  Movable\n  pages free     0\n", figure.Without(figure.Unsupported)},
		{"count: many\n", figure.Without(figure.Failed)},
		{"", figure.Without(figure.Unsupported)},
	} {
		if got := parsePagesets([]byte(c.text)); got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
	if v, ok := ReadPagesets().Value(); !ok || v%4096 != 0 {
		t.Errorf("this machine's are %d, %t", v, ok)
	}
}

func FuzzParsePagesets(f *testing.F) {
	f.Add([]byte(zoneinfo))
	f.Fuzz(func(t *testing.T, data []byte) { parsePagesets(data) })
}
