package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// released is the one file that matches a pattern in the folder that scripts/release has filled, HALTSCOPE_RELEASE.
func released(t *testing.T, pattern string) string {
	t.Helper()
	dir := os.Getenv("HALTSCOPE_RELEASE")
	if dir == "" {
		t.Skip("HALTSCOPE_RELEASE names no folder with what scripts/release makes")
	}
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s in %s: %v, %v", pattern, dir, found, err)
	}
	return found[0]
}

// does runs a command that must succeed, and returns what it wrote.
func mustRun(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// comes waits until something is so. What it must not depend on is how fast the machine is.
func eventually(t *testing.T, what string, so func() bool, otherwise func() string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); !so(); time.Sleep(500 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("this did not come about: %s\n%s", what, otherwise())
		}
	}
}
