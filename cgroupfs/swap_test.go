package cgroupfs

import (
	"os"
	"path/filepath"
	"testing"

	"haltscope/cgroupfs/figure"
)

func TestZswapOnly(t *testing.T) {
	for _, c := range []struct {
		name           string
		own, above, on string // contents; "" for no file
		want           figure.State
		only           uint64
	}{
		{"before Linux 6.8", "", "", "Y\n", figure.Unsupported, 0},
		{"written back", "1\n", "1\n", "Y\n", figure.Present, 0},
		{"not written back", "0\n", "1\n", "Y\n", figure.Present, 1},
		{"not written back above", "1\n", "0\n", "Y\n", figure.Present, 1},
		{"zswap is off", "0\n", "1\n", "N\n", figure.Present, 0},
		{"a kernel without zswap", "0\n", "1\n", "", figure.Present, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			above := t.TempDir()
			own, parameters := filepath.Join(above, "own"), filepath.Join(above, "parameters")
			for file, content := range map[string]string{
				filepath.Join(own, "memory.zswap.writeback"):   c.own,
				filepath.Join(above, "memory.zswap.writeback"): c.above,
				filepath.Join(parameters, "enabled"):           c.on,
			} {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if content == "" {
					continue
				}
				if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got := zswapOnly([]string{own, above}, parameters)
			if got.State() != c.want || c.want == figure.Present && !got.Is(c.only) {
				t.Errorf("%v", got)
			}
		})
	}
}
