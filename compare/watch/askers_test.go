package watch

import (
	"slices"
	"strings"
	"testing"
)

// A docker stop of all containers of a large host keeps all names; a longer command line is known to be cut.
func TestShortened(t *testing.T) {
	long := slices.Concat([]string{"docker", "stop"}, slices.Repeat([]string{"9f2c61b8a0d3"}, 1000), []string{"web"})
	if got, cut := shortened(long); cut || !slices.Equal(got, long) {
		t.Errorf("%d of %d arguments, cut: %v", len(got), len(long), cut)
	}
	longer := append(slices.Clone(long), slices.Repeat([]string{"9f2c61b8a0d3"}, 1000)...)
	if got, cut := shortened(longer); !cut || len(got) < len(long) || len(strings.Join(got, " ")) > mostArgBytes {
		t.Errorf("%d of %d arguments, cut: %v", len(got), len(longer), cut)
	}
	if got, cut := shortened([]string{strings.Repeat("a", mostArgBytes+1), "web"}); !cut || len(got) != 0 {
		t.Errorf("%d arguments, cut: %v", len(got), cut)
	}
}
