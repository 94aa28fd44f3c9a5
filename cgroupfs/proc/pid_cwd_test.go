package proc

import (
	"os"
	"testing"
)

func TestCwd(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if got := Cwd(os.Getpid()); got != dir {
		t.Errorf("%q, wanted %q", got, dir)
	}
	if got := Cwd(1 << 30); got != "" {
		t.Errorf("%q of no process", got)
	}
}
