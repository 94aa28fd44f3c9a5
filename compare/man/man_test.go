package man

import (
	"bytes"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"--format json": `\-\-format json`,
		`a\b`:           `a\eb`,
		"it's":          `it\(aqs`,
		"name=^web":     `name=\(haweb`,
		"−1…":           `\[u2212]1\[u2026]`,
	} {
		if got := escape(in); got != want {
			t.Errorf("%q: %q, wanted %q", in, got, want)
		}
	}
}

type verb struct {
	Names []string `arg:"" help:"Names."`
	Grace string   `short:"t" group:"Time" placeholder:"5s" help:"How long."`
	Quick bool     `hidden:""`
}

func (verb) Help() string { return "First.\nStill first.\n\nExamples:\n  tool verb a\n  .tool" }

func TestPage(t *testing.T) {
	var cli struct {
		Level  string   `default:"info" enum:"info,warn" help:"One of ${enum}."`
		Verb   verb     `cmd:"" help:"Does it."`
		Hidden struct{} `cmd:"" hidden:""`
	}
	parser, err := kong.New(&cli, kong.Name("haltscope"), kong.DefaultEnvars("TOOL"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Page(parser.Model, "1.2", &out); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, want := range []string{
		".TH HALTSCOPE 1 " + revised + " \"haltscope 1.2\" \"User Commands\"\n",
		".SS \"haltscope verb\"\n\\fBhaltscope verb\\fR <names> ... [\\fIflags\\fR]\n.PP\nDoes it.\n.PP\nFirst. Still first.\n",
		".EX\ntool verb a\n\\&.tool\n.EE\n",
		".PP\nTime:\n.TP\n\\fB\\-t\\fR, \\fB\\-\\-grace\\fR=\\fI5s\\fR\nHow long. [TOOL_GRACE]\n",
		"\\fB\\-\\-level\\fR=\\fILEVEL\\fR\nOne of info,warn. Default: info. [TOOL_LEVEL]\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	for _, not := range []string{"hidden", "quick"} {
		if strings.Contains(strings.ToLower(page), not) {
			t.Errorf("%s is told", not)
		}
	}
}
