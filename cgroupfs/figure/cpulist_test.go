package figure

import (
	"slices"
	"testing"
)

func TestCPUListCount(t *testing.T) {
	for text, want := range map[string]Figure{
		"0-3,5\n":                  Number(5),
		"0\n":                      Number(1),
		"\n":                       Without(Failed),
		"3-0\n":                    Without(Failed), // descending
		"0-3,3\n":                  Without(Failed), // twice
		"0-18446744073709551615\n": Without(Failed),
	} {
		if got := parseCPUList([]byte(text)).Count(); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// Users write lists in any order. They are printed as the kernel prints them.
func TestParseCPUList(t *testing.T) {
	cpus := ParseCPUList("5, 0-2,2")
	if !slices.Equal(cpus.List, []int{0, 1, 2, 5}) || cpus.String() != "0-2,5" {
		t.Errorf("%v, %s", cpus.List, cpus)
	}
	if cpus := ParseCPUList("0,x"); cpus.State != Failed || cpus.List != nil {
		t.Errorf("%+v", cpus)
	}
}

func FuzzParseCPUList(f *testing.F) {
	for _, text := range []string{"0-3,5\n", "0\n", "0-1\n", "", "\n", "1-2,", "0-99999999999999999999", "\x00\xff", "-1"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cpus := parseCPUList(data)
		if v, ok := cpus.Count().Value(); ok && (v == 0 || v > maxCPUs) || !ok && cpus.State != Failed {
			t.Errorf("%+v", cpus)
		}
	})
}
