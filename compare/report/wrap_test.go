package report

import (
	"strings"
	"testing"

	"haltscope/compare/value"
)

// TestWrap checks that lines are broken between words, never inside a command, and that what is left out is marked.
func TestWrap(t *testing.T) {
	thaw := "run `echo THAWED > /sys/fs/cgroup/freezer.state`, and wait"
	for _, c := range []struct {
		name, text  string
		width, most int
		want        string
	}{
		{"short", "a b", 10, 0, "a b"},
		{"two lines", "one two three", 8, 0, "one two|three"},
		{"two blanks stay", "a  [source]", 20, 0, "a  [source]"},
		{"two blanks at the end of a line", "word  [source]", 8, 0, "word|[source]"},
		{"a command, and what follows without a blank", thaw, 20, 0, "run|`echo THAWED > /sys/fs/cgroup/freezer.state`,|and wait"},
		{"a long word", "wwwwwwwwwwww", 5, 0, "wwwww|wwwww|ww"},
		{"cut", "one two three four", 8, 1, "one …"},
		{"cut, and it fits", "one two three", 13, 1, "one two three"},
		{"no command is cut", thaw, 20, 2, "run|`echo THAWED > /sys/fs/cgroup/freezer.state`, …"},
		{"a long word is cut", "wwwwwwwwwwww", 5, 1, "www …"},
		{"a backquote that is no quote", "it`s", 10, 0, "it`s"},
		{"wide characters", "容器 容器", 5, 0, "容器|容器"},
		{"nothing", "", 10, 0, ""},
	} {
		var lines []string
		for _, line := range wrap(advice(c.text), c.width, c.most) {
			lines = append(lines, words(line))
		}
		if got := strings.Join(lines, "|"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestCommandsInMarkdown checks that what stands between backquotes is code, and that all else stays text.
func TestCommandsInMarkdown(t *testing.T) {
	for text, want := range map[string]string{
		"run `a > b`, then *c*": `run ` + "`a > b`" + `, then \*c\*`,
		"no `quote":             "no \\`quote",
		"`` empty":              "\\`\\` empty",
	} {
		if got := inlineSpans(advice(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzWrap checks that no text is lost or added, whatever it is.
func FuzzWrap(f *testing.F) {
	f.Add("run `echo THAWED > x`, and wait", 12)
	f.Add("容器  [a; b]", 3)
	f.Fuzz(func(t *testing.T, text string, width int) {
		text, width = value.Clean(text), leastText+int(uint(width)%200)
		var all strings.Builder
		for _, line := range wrap(advice(text), width, 0) {
			all.WriteString(words(line))
		}
		if got := strings.ReplaceAll(all.String(), " ", ""); got != strings.ReplaceAll(text, " ", "") {
			t.Errorf("%q became %q", text, got)
		}
	})
}
