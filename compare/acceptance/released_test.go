package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// released returns the only file that matches a pattern in HALTSCOPE_RELEASE, the directory that scripts/release
// filled.
func released(t *testing.T, pattern string) string {
	t.Helper()
	dir := os.Getenv("HALTSCOPE_RELEASE")
	if dir == "" {
		t.Skip("HALTSCOPE_RELEASE is not set to a directory with the files of scripts/release")
	}
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s in %s: %v, %v", pattern, dir, found, err)
	}
	return found[0]
}

// mustRun runs a command that must succeed, and returns its output.
func mustRun(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// eventually waits until a condition holds. The deadline is generous, so that the result does not depend on the speed
// of the machine.
func eventually(t *testing.T, what string, so func() bool, otherwise func() string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); !so(); time.Sleep(500 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("this did not happen: %s\n%s", what, otherwise())
		}
	}
}
