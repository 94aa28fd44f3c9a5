package report

import (
	"regexp"
	"strings"
	"testing"

	"haltscope/compare/document"
)

// TestTitles checks that the page of each document has a title that is more than the program's name.
func TestTitles(t *testing.T) {
	title := regexp.MustCompile(`<title>haltscope \S+</title>`)
	for schema, doc := range document.Kinds() {
		if schema == document.CompareSchema { // it has a run at least
			continue
		}
		var out strings.Builder
		if err := HTML(&out, doc); err != nil {
			t.Fatal(err)
		}
		if _, action := doc.(*document.Action); !action && !title.MatchString(out.String()) { // an action has its own name
			t.Errorf("%s: no title in %.200s", schema, out.String())
		}
	}
	doc := &document.Why{Containers: []document.WhyContainer{{Name: "web", ID: "0123456789abcdef"}, {ID: "0123456789abcdef"}}}
	if got := titleOf(doc); got != "haltscope why: web, 0123456789ab" {
		t.Error(got)
	}
}
