package proc

import (
	"bytes"
	"os"
	"path/filepath"
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

// What a thread in state D waits for decides whether it can be frozen and killed.
func TestUninterruptibleWaits(t *testing.T) {
	// A shell above memory.high, on Linux 7.2.
	const stat = "16876 (sh) D 16853 16876 16876 0 -1 256 6145 1140 0 0 21 28 0 13 20 0 1 0 144727 19107840 4533 18446744073709551615 " +
		"4198400 5785993 140737488350560 0 0 0 0 4 65538 1 0 0 17 0 0 0 0 0 0 6141704 6178576 6209536 140737488351039 140737488351151 " +
		"140737488351151 140737488351216 0\n"
	for wchan, waits := range map[string]int{
		"__mem_cgroup_handle_over_high": 0, "mem_cgroup_handle_over_high": 0, "__refrigerator": 0, "wait_for_vfork_done": 0,
		"request_wait_answer": 1, "folio_wait_bit_common": 1, "0": 1,
	} {
		tasks := t.TempDir()
		if err := os.Mkdir(filepath.Join(tasks, "16876"), 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"stat": stat, "wchan": wchan} {
			if err := os.WriteFile(filepath.Join(tasks, "16876", name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := uninterruptibleWaits(16876, tasks); err != nil || len(all) != waits {
			t.Errorf("%s: %+v, %v", wchan, all, err)
		}
	}
}
