package cgroupfs

import "testing"

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

func TestParsePerCPUPages(t *testing.T) {
	for _, c := range []struct {
		text string
		want Figure
	}{
		{zoneinfo, Number(12 + 16857 + 13481)},
		{"Node 0, zone  Movable\n  pages free     0\n", Without(Unsupported)},
		{"count: many\n", Without(Failed)},
		{"", Without(Unsupported)},
	} {
		if got := parsePerCPUPages([]byte(c.text)); got != c.want {
			t.Errorf("%q: %s, wanted %s", c.text, got, c.want)
		}
	}
	if v, ok := ReadPerCPULists().Value(); !ok || v%4096 != 0 {
		t.Errorf("this machine's are %d, %t", v, ok)
	}
}

func FuzzParsePerCPUPages(f *testing.F) {
	f.Add([]byte(zoneinfo))
	f.Fuzz(func(t *testing.T, data []byte) { parsePerCPUPages(data) })
}
