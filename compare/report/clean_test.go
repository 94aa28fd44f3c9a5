package report

import (
	"strings"
	"testing"

	"haltscope/compare/document"
)

// TestCleanTable checks that what was kept is listed with its reason.
func TestCleanTable(t *testing.T) {
	var b strings.Builder
	done := &document.Clean{Twins: 1,
		Left: []document.Left{{Kind: "container", ID: "0123456789abcdef", Name: "haltscope-0123abcd-1-stop", Reason: "no answer"}}}
	if err := Table(&b, done, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	want := "removed: 1 twin, 0 networks, 0 images\nkept, in use: 0 twins, 0 images\n\nAlso kept\n  container haltscope-0123abcd-1-stop " +
		"(0123456789ab): no answer\n"
	if b.String() != want {
		t.Errorf("%s", b.String())
	}
}
