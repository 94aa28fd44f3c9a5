package proc

import (
	"bytes"
	"testing"

	"haltscope/cgroupfs/internal/figuretest"
)

func TestParseWchan(t *testing.T) {
	for text, want := range map[string]string{"0": "", "": "", "do_freezer_trap": "do_freezer_trap", "__refrigerator\n": "__refrigerator"} {
		if got := parseWchan([]byte(text)); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func FuzzParseWchan(f *testing.F) {
	figuretest.Seed(f, "wchan")
	f.Fuzz(func(t *testing.T, data []byte) {
		if name := parseWchan(data); name == "0" || !bytes.Contains(data, []byte(name)) {
			t.Errorf("%q", name)
		}
	})
}
