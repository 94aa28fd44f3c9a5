package acceptance

import (
	"os/exec"
	"testing"
)

// dockerCmd is a call of docker that ends: an engine that hangs must not hang the tests. Exit code 124 tells of that (timeout(1)).
func dockerCmd(args ...string) *exec.Cmd {
	return exec.Command("timeout", append([]string{"--kill-after=10", "300", "docker"}, args...)...)
}

func mustDocker(t *testing.T, args ...string) {
	t.Helper()
	if out, err := dockerCmd(args...).CombinedOutput(); err != nil {
		t.Fatalf("docker %v: %v: %s", args, err, out)
	}
}

// removed has containers removed in the end.
func removed(t *testing.T, names ...string) {
	t.Cleanup(func() {
		if out, err := dockerCmd(append([]string{"rm", "--force"}, names...)...).CombinedOutput(); err != nil {
			t.Errorf("docker rm --force %v: %v: %s", names, err, out)
		}
	})
}
