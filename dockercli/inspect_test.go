package dockercli

import "testing"

// A full id wins over a name, and a name over the beginning of an id.
func TestPick(t *testing.T) {
	found := map[string]Container{"abc1": {ID: "abc1", Name: "/ab"}, "ab22": {ID: "ab22", Name: "/other"}}
	for name, want := range map[string]string{"abc1": "abc1", "ab": "abc1", "/ab": "abc1", "ab2": "ab22"} {
		if c, ok := pick(found, name); !ok || c.ID != want {
			t.Errorf("%s: %v, %t", name, c.ID, ok)
		}
	}
	// What could be read as a flag, or as another path of the daemon, is not a name.
	for _, name := range []string{"x", "", "-a", "../ab", "a/b", "ab\n", "{{.}}"} {
		if _, ok := pick(found, name); ok {
			t.Errorf("%q was found", name)
		}
	}
}
