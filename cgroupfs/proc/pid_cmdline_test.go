package proc

import (
	"slices"
	"testing"
)

func TestParseCmdline(t *testing.T) {
	for text, want := range map[string][]string{"": nil, "sh\x00-c\x00\x00": {"sh", "-c", ""}, "nginx: master": {"nginx: master"}} {
		if got := parseCmdline([]byte(text)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzParseCmdline(f *testing.F) {
	f.Add([]byte("sh\x00-c\x00exit 3\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		for _, argument := range parseCmdline(data) {
			n += len(argument) + 1
		}
		if n != len(data) && n != len(data)+1 { // the last may lack its NUL
			t.Errorf("%d bytes of %d", n, len(data))
		}
	})
}
