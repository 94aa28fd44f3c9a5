package trace

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

func TestParseLockdown(t *testing.T) {
	for text, want := range map[string]string{
		"[none] integrity confidentiality\n": "none",
		"none [integrity] confidentiality\n": "integrity",
		"none integrity [confidentiality]\n": "confidentiality",
	} {
		if got, err := parseLockdown([]byte(text)); got != want || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "none integrity confidentiality", "none [", "none [] x", "]["} {
		var malformed *figure.MalformedError
		if got, err := parseLockdown([]byte(text)); !errors.As(err, &malformed) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func FuzzParseLockdown(f *testing.F) {
	f.Add([]byte("none [integrity] confidentiality\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if mode, err := parseLockdown(data); err == nil && (mode == "" || strings.Contains(mode, "]")) {
			t.Errorf("%q: %q", data, mode)
		}
	})
}

// What a host does not let haltscope have is told from what failed.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		err         error
		unsupported bool
	}{
		{unix.EPERM, true}, {unix.EACCES, true}, {unix.ENOSYS, true}, {unix.EMFILE, false}, {unix.EINVAL, false},
	} {
		var unsupported *UnsupportedError
		if err := refused(c.err); errors.As(err, &unsupported) != c.unsupported || !errors.Is(err, c.err) {
			t.Errorf("%v: %v", c.err, err)
		}
	}
}
