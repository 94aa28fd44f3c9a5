package manual

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func TestPortable(t *testing.T) {
	for in, want := range map[string]string{
		"--format json": `\-\-format json`,
		`a \- b`:        `a \- b`,
		`a\\b`:          `a\eb`,
		"it's":          `it\(aqs`,
		"name=^web":     `name=\(haweb`,
		"~/.docker":     `\(ti/.docker`,
		"−1…":           `\[u2212]1\[u2026]`,
	} {
		if got := portable(in); got != want {
			t.Errorf("%q: %q, wanted %q", in, got, want)
		}
	}
}

func TestTidy(t *testing.T) {
	long := strings.Repeat("word ", 20) + ".end"
	got := tidy(".nh\n.TH X\n\n\n.SH NAME\nx \\- y\n\n.PP\n" + long + "\n\n.EX\n\\&.tool -x\n\n  two\n.EE\n\n.PP\nlast\n")
	want := ".TH X\n.nh\n.SH NAME\nx \\- y\n.PP\n" + strings.TrimSpace(strings.Repeat("word ", 15)) + "\n" +
		strings.Repeat("word ", 5) + ".end\n.PP\n.RS 4\n.EX\n\\&.tool \\-x\n\n  two\n.EE\n.RE\n.PP\nlast\n"
	if got != want {
		t.Errorf("got\n%s\nwanted\n%s", got, want)
	}
	if got := guard(".end"); got != `\&.end` {
		t.Errorf("a line of text that begins with a point: %s", got)
	}
}

// grammar is a program with a command whose name has a page, and another one whose name has none.
type grammar struct {
	Level string `default:"info" enum:"info,warn" help:"One of ${enum}."`
	Stop  struct {
		Names []string `arg:"" help:"Names."`
		Grace string   `short:"t" group:"Time" placeholder:"5s" help:"For kill[:SIGNAL], a_b, <c>."`
		Quick bool     `hidden:""`
	} `cmd:""`
	Unwritten struct{} `cmd:""`
}

func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := kong.New(&grammar{}, kong.Name("haltscope"), kong.DefaultEnvars("TOOL"))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

func render(t *testing.T, command string) string {
	t.Helper()
	var out strings.Builder
	if err := Write(&out, model(t), command, "1.2"); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestWrite checks that the arguments and flags of the grammar are in the page of their command.
func TestWrite(t *testing.T) {
	for command, wants := range map[string][]string{
		"stop": {
			".TH \"HALTSCOPE-STOP\" \"1\" \"" + revised + "\" \"haltscope 1.2\" \"User Commands\"\n",
			".SH NAME\nhaltscope\\-stop \\- ",
			"\n.TP\n\\fInames\\fP\nNames.\n",
			"\n.SS Time\n.TP\n\\fB\\-t\\fP, \\fB\\-\\-grace\\fP=\\fI5s\\fP\nFor kill[:SIGNAL], a_b, <c>\\&. Environment: TOOL_GRACE.\n",
			"\n.SH SEE ALSO\n\\fBhaltscope(1)\\fP, ",
		},
		Program: {
			".TH \"HALTSCOPE\" \"1\"",
			"\n.TP\n\\fB\\-\\-level\\fP=\\fILEVEL\\fP\nOne of info,warn. Default: info. Environment: TOOL_LEVEL.\n",
		},
	} {
		page := render(t, command)
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q in\n%s", command, want, page)
			}
		}
		for _, not := range []string{"quick", "(haltscope", "<!--", ".md", "`"} {
			if strings.Contains(page, not) {
				t.Errorf("%s: %q is in the page", command, not)
			}
		}
	}
	for _, command := range []string{"unwritten", "unknown"} {
		if err := Write(io.Discard, model(t), command, "1.2"); err == nil {
			t.Errorf("no error for the page of %s", command)
		}
	}
}

// TestPages checks the form of the Markdown: title, sections in their order, one placeholder, links that lead somewhere.
func TestPages(t *testing.T) {
	names, err := fs.Glob(pages, "*.md")
	if err != nil || len(names) < 19 {
		t.Fatalf("%d pages, %v", len(names), err)
	}
	order := []string{"NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "REPORTS", "VERDICTS", "SOURCES"}
	for _, name := range names {
		data, err := pages.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		title := strings.TrimSuffix(name, ".md")
		if !strings.HasPrefix(text, "# "+title+"(1)\n\n## NAME\n\n"+title+" - ") {
			t.Errorf("%s does not begin with its title and NAME", name)
		}
		if n := len(placeholder().FindAllString(text, -1)); n != 1 {
			t.Errorf("%s has %d lines for the flags, wanted 1", name, n)
		}
		all := sections(text)
		var headings []string
		for _, s := range all {
			if s.level == 2 {
				headings = append(headings, s.title)
			}
		}
		for _, want := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "SEE ALSO"} {
			if !slices.Contains(headings, want) {
				t.Errorf("%s has no section %s", name, want)
			}
		}
		if last := headings[len(headings)-1]; last != "SEE ALSO" {
			t.Errorf("%s ends with %s, not with SEE ALSO", name, last)
		}
		known := slices.DeleteFunc(slices.Clone(headings), func(h string) bool { return !slices.Contains(order, h) })
		if !slices.IsSortedFunc(known, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) }) {
			t.Errorf("%s has its sections in the order %v", name, headings)
		}
		fenced := false
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			fenced = fenced != strings.HasPrefix(line, "```")
			if !fenced && len([]rune(line)) > 101 || strings.TrimRight(line, " \t") != line {
				t.Errorf("%s: a line is too long, or ends with a blank: %q", name, line)
			}
		}
		checkLinks(t, ".", name, text)
	}
}

// checkLinks reports links of a Markdown file to headings and files that do not exist.
func checkLinks(t *testing.T, dir, name, text string) {
	t.Helper()
	anchors := map[string]bool{}
	for _, section := range sections(text) {
		anchors[anchor(section.title)] = true
	}
	for _, to := range regexp.MustCompile(`\]\(([^)]*)\)`).FindAllStringSubmatch(text, -1) {
		if heading, here := strings.CutPrefix(to[1], "#"); here {
			if !anchors[heading] {
				t.Errorf("%s: no heading for the link to %s", name, to[1])
			}
		} else if !strings.Contains(to[1], "://") {
			if _, err := os.Stat(dir + "/" + to[1]); err != nil {
				t.Errorf("%s links to nothing: %v", name, err)
			}
		}
	}
}

// TestLinks checks the links of the documents that are neither pages nor READMEs.
func TestLinks(t *testing.T) {
	for _, name := range []string{"CHANGELOG.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md"} {
		path := filepath.Join("../../..", name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		checkLinks(t, filepath.Dir(path), name, string(text))
	}
}
