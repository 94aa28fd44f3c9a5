// Package report lays documents out: as a table, Markdown, HTML, JUnit and TAP. A layout is made from a document alone.
package report

import (
	"fmt"
	"io"
	"strings"

	"haltscope/compare/document"
)

// Table lays a document out for a terminal or a text file.
func Table(w io.Writer, doc document.Document, o TableOptions) error {
	switch d := doc.(type) {
	case *document.Doctor:
		return doctorTable(w, d, o)
	case *document.Clean:
		return cleanTable(w, d)
	}
	p, err := pageOf(doc)
	if err != nil {
		return err
	}
	return p.write(w, o)
}

// Markdown lays a document out for an issue or a wiki.
func Markdown(w io.Writer, doc document.Document) error {
	p, err := pageOf(doc)
	if err != nil {
		return err
	}
	return p.markdown(w)
}

// pageOf returns the blocks of a document.
func pageOf(doc document.Document) (*Page, error) {
	switch d := doc.(type) {
	case *document.Action:
		return actionPage(d), nil
	case *document.Check:
		return checkPage(d), nil
	case *document.Compare:
		return comparePage(d), nil
	case *document.Inspect:
		return inspectPage(d), nil
	case *document.Predict:
		return predictPage(d), nil
	case *document.Ps:
		return psPage(d), nil
	case *document.Reclaim:
		return reclaimPage(d), nil
	case *document.Doctor, *document.Clean: // made of lines, in every layout
		var b strings.Builder
		if err := Table(&b, doc, TableOptions{}); err != nil {
			return nil, err
		}
		p := &Page{Title: "haltscope"}
		p.code(0, b.String())
		return p, nil
	}
	return nil, fmt.Errorf("no layout for %T", doc)
}
