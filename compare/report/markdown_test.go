package report

import (
	"bytes"
	"strings"
	"testing"
)

// TestInline checks that any text stays text on one line of Markdown.
func TestInline(t *testing.T) {
	for text, want := range map[string]string{
		"117.7 MiB → gone":     "117.7 MiB → gone",
		"a|b":                  `a\|b`,
		"`x` *y* _z_ ~w~":      "\\`x\\` \\*y\\* \\_z\\_ \\~w\\~",
		"<b>&amp;":             `\<b\>\&amp;`,
		"two\nlines\r\n":       "two lines",
		"[x](http://y)":        `\[x\](http://y)`,
		"mail @somebody of #1": "mail @<!-- -->somebody of #<!-- -->1",
		"1. first":             `1\. first`,
		"- no list":            `\- no list`,
		"# no heading":         `\# no heading`,
		"---":                  `\---`,
		`back\slash`:           `back\\slash`,
	} {
		if got := inline(text); got != want {
			t.Errorf("%q became %q, wanted %q", text, got, want)
		}
	}
}

// TestMarkdownTable checks that each row has as many cells as the header, whatever the cells hold.
func TestMarkdownTable(t *testing.T) {
	doc := sample()
	doc.Arms[0].Runs[0].Top.Error = "a | b\nc"
	doc.Arms[1].Action = "kill:x|y"
	var out bytes.Buffer
	if err := Markdown(&out, doc); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		rows++
		if cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") - 1; cells != 3 {
			t.Errorf("%d cells: %s", cells, line)
		}
	}
	if rows < 15 {
		t.Errorf("%d rows in\n%s", rows, out.String())
	}
	if !strings.Contains(out.String(), `a \| b c`) {
		t.Errorf("the error is not in\n%s", out.String())
	}
}
