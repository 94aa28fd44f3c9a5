package value

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// TestVerdicts checks that the list has every constant of the verdicts, and nothing else.
func TestVerdicts(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "kind.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var declared []Kind
	for _, decl := range file.Decls {
		block, ok := decl.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST || block.Doc.Text() != "The kinds of a verdict.\n" {
			continue
		}
		for _, spec := range block.Specs {
			text, err := strconv.Unquote(spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			declared = append(declared, Kind(text))
		}
	}
	if len(declared) < 15 || !slices.Equal(declared, Verdicts) {
		t.Errorf("%q are declared, %q listed", declared, Verdicts)
	}
}
