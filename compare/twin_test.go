package compare

import (
	"os"
	"strings"
	"testing"
)

// The owner label names a process for good: neither another boot's, nor a recycled pid's, nor nonsense is alive.
func TestOwnerAlive(t *testing.T) {
	own := owner(os.Getpid())
	if !alive(own) {
		t.Errorf("%q is this process, and not alive", own)
	}
	boot, rest, _ := strings.Cut(own, "/")
	pid, start, _ := strings.Cut(rest, "/")
	for _, label := range []string{"", "x", "x/y/z", "//", boot + "/" + pid + "/1" + start, "other/" + rest, boot + "/0/0", boot + "/-1/0", boot + "/999999999/1"} {
		if alive(label) {
			t.Errorf("%q is alive", label)
		}
	}
}
