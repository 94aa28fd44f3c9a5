package value

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A shell reads back what was written for it, and nothing of that could move a terminal's cursor.
func TestPaste(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	argv := []string{"", "plain", "it's", `back\slash`, "two\nrun: x", "\x1b]52;c;x\a", "tab\t'q' \\", "\u202eevil", "\u009b1m", "\x9bab", "$HOME `id` \"", "é·"}
	pasted := Paste(append([]string{"printf", `%s\0`}, argv...))
	if !isClean(pasted) {
		t.Errorf("not clean: %q", pasted)
	}
	out, err := exec.Command(bash, "-c", pasted).Output()
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); err != nil || !slices.Equal(got, argv) {
		t.Errorf("%s\n%q, %v", pasted, got, err)
	}
}
