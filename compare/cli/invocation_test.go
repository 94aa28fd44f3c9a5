package cli

import (
	"slices"
	"strings"
	"testing"
)

// TestInvocation checks that flags that only change the layout are left out.
func TestInvocation(t *testing.T) {
	for line, want := range map[string]string{
		"compare": "haltscope compare",
		"compare --format json --output x --prove":                          "haltscope compare --prove",
		"--log-level=debug compare --format=json":                           "haltscope compare",
		"compare --repeat 5 -- --format json":                               "haltscope compare --repeat 5 -- --format json",
		"compare -e A=secret --env=B=secret --env C=secret -eD=secret -e E": "haltscope compare -e A -e B -e C -e D -e E",
		"compare -- -e A=shown":                                             "haltscope compare -- -e A=shown",
		"compare --color never --like web --hold 1s":                        "haltscope compare --like web --hold 1s",
	} {
		p := &Program{Args: strings.Fields(line)}
		if got := p.invocation(); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %q", line, got)
		}
	}
}

func TestValidFormat(t *testing.T) {
	for _, c := range []struct {
		command, format string
		ok              bool
	}{
		{"compare", "html", true}, {"compare", "junit", false}, {"check <image>", "tap", true}, {"report <document>", "junit", true},
		{"watch", "json", true}, {"watch", "html", false}, {"schema <name>", "markdown", false},
	} {
		g := Globals{Format: c.format}
		if err := g.validFormat(c.command); (err == nil) != c.ok {
			t.Errorf("%s --format %s: %v", c.command, c.format, err)
		}
	}
}
