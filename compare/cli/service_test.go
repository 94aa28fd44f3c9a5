package cli

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/compare/fault"
)

// TestEnvFile checks that a file of variables that can be read only once is refused, and that a missing one is left to docker.
func TestEnvFile(t *testing.T) {
	dir := t.TempDir()
	file, fifo := filepath.Join(dir, "vars"), filepath.Join(dir, "fifo")
	if err := errors.Join(os.WriteFile(file, []byte("A=1\n"), 0o600), os.Symlink("vars", filepath.Join(dir, "link")),
		unix.Mkfifo(fifo, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file string
		refused    bool
	}{{"a file", file, false}, {"a link to one", filepath.Join(dir, "link"), false}, {"none", filepath.Join(dir, "no"), false},
		{"a FIFO", fifo, true}, {"a directory", dir, true}, {"a device", "/dev/null", true}} {
		f := serviceFlags{EnvFile: []string{file, c.file}}
		_, err := f.service(false, "")
		var usage *fault.UsageError
		if refused := errors.As(err, &usage); refused != c.refused || refused && fault.Hint(err) == "" || !refused && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
