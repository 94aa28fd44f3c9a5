package value

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestPaste checks that an interactive shell in any locale reads back the arguments, and that no character is invisible.
func TestPaste(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	argv := []string{"", "plain", "it's", `back\slash`, "two\nrun: x", "\x1b]52;c;x\a", "tab\t'q' \\", "\u202eevil", "\u009b1m", "\x9bab",
		"$HOME `id` \"", "é·", "!true", "it's!true", "two\n'!true", "^a^b"}
	pasted := Paste(append([]string{"printf", `%s\0`}, argv...))
	if !isClean(pasted) {
		t.Errorf("not clean: %q", pasted)
	}
	shell := exec.Command(bash, "-o", "history", "-H") // as at a prompt: !x means the last command that begins with x
	shell.Env = append(os.Environ(), "LC_ALL=C", "HISTFILE=")
	shell.Stdin = strings.NewReader("true first\n" + pasted + "\n")
	out, err := shell.Output()
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); err != nil || !slices.Equal(got, argv) {
		t.Errorf("%s\n%q, %v", pasted, got, err)
	}
}
