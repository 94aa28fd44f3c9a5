package cgroupfs

import "testing"

func TestParseSleeps(t *testing.T) {
	for text, want := range map[string]Figure{
		"Name:\tdd\nThreads:\t1\nvoluntary_ctxt_switches:\t150\nnonvoluntary_ctxt_switches:\t7\n": Number(150),
		"Name:\tdd\nnonvoluntary_ctxt_switches:\t7\n":                                             Without(Unsupported),
		"voluntary_ctxt_switches:\tmany\n":                                                        Without(Failed),
		"":                                                                                        Without(Unsupported),
	} {
		if got := parseSleeps([]byte(text)); got != want {
			t.Errorf("%q: %s, wanted %s", text, got, want)
		}
	}
	fixtures(t, func(t *testing.T, dir string, v2, paused bool) {
		if got := parseSleeps(fixture(t, dir, "proc_status")); got.State() != Present {
			t.Errorf("%s", got)
		}
	})
}

func TestParseArguments(t *testing.T) {
	for text, want := range map[string][]string{"": nil, "sh\x00-c\x00\x00": {"sh", "-c", ""}, "nginx: master": {"nginx: master"}} {
		got := parseArguments([]byte(text))
		if len(got) != len(want) {
			t.Fatalf("%q: %q, wanted %q", text, got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%q: %q, wanted %q", text, got, want)
			}
		}
	}
}
