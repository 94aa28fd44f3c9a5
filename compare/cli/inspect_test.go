package cli

import (
	"testing"

	"github.com/alecthomas/kong"
)

// TestFilesFlag checks that --files needs no value, takes a number, and takes nothing of what follows it.
func TestFilesFlag(t *testing.T) {
	for _, c := range []struct {
		args  []string
		want  filesFlag
		wrong bool
	}{
		{[]string{"web"}, 0, false},
		{[]string{"--files", "web"}, defaultFiles, false},
		{[]string{"web", "--files"}, defaultFiles, false},
		{[]string{"--files=3", "web"}, 3, false},
		{[]string{"--files=0", "web"}, 0, true},
		{[]string{"--files=-1", "web"}, 0, true},
		{[]string{"--files=web"}, 0, true},
		{[]string{"--files=", "web"}, 0, true},
	} {
		var grammar struct {
			Files filesFlag
			Names []string `arg:""`
		}
		parser, err := kong.New(&grammar)
		if err != nil {
			t.Fatal(err)
		}
		_, err = parser.Parse(c.args)
		if (err != nil) != c.wrong || !c.wrong && (grammar.Files != c.want || len(grammar.Names) != 1) {
			t.Errorf("%q: %d %q, %v", c.args, grammar.Files, grammar.Names, err)
		}
	}
}
