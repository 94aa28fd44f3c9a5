// Package report lays out documents: as a table, Markdown, HTML, JUnit and TAP.
//
// Each document becomes a [page] of blocks: headings, lines and grids. The table, Markdown and HTML are made from these
// blocks; HTML adds charts for some documents. A layout uses nothing but the document, so a saved one can be laid out on
// another machine. There is one file per document, named after its command, and one per layout.
package report

import (
	"fmt"
	"io"

	"haltscope/compare/document"
)

// Table lays out a document for a terminal or a text file.
func Table(w io.Writer, doc document.Document, o TableOptions) error {
	p, err := pageOf(doc)
	if err != nil {
		return err
	}
	return p.table(w, o)
}

// Markdown lays out a document for an issue or a wiki.
func Markdown(w io.Writer, doc document.Document) error {
	p, err := pageOf(doc)
	if err != nil {
		return err
	}
	return p.markdown(w)
}

// HTML lays out a document as one page that needs no network, no script and no other file.
func HTML(w io.Writer, doc document.Document) error {
	p, err := pageOf(doc)
	if err != nil {
		return err
	}
	switch d := doc.(type) {
	case *document.Compare:
		return writeHTML(w, p.title, compareNodes(d))
	case *document.Inspect:
		return writeHTML(w, titleOf(d), inspectNodes(d))
	case *document.Predict:
		return writeHTML(w, titleOf(d), predictNodes(d))
	case *document.Action:
		return writeHTML(w, titleOf(d), actionNodes(d))
	case *document.Ps:
		return writeHTML(w, p.title, psNodes(d))
	case *document.Doctor:
		return writeHTML(w, p.title, doctorNodes(d))
	case *document.Check:
		return writeHTML(w, titleOf(d), append(topNodes(d, titleOf(d), hostLine(d.Host)), raised(p.nodes())...))
	case *document.Why:
		if d.Timeline != nil {
			return writeHTML(w, titleOf(d), append(topNodes(d, titleOf(d), hostLine(d.Host)), dayNodes(d)...))
		}
		var answers page
		answers.whyAnswers(d)
		return writeHTML(w, titleOf(d), append(topNodes(d, titleOf(d), hostLine(d.Host)), answers.nodes()...))
	case *document.Clean:
		return writeHTML(w, p.title, append(topNodes(d, p.title, hostLine(d.Host)), raised(p.nodes())...))
	}
	return writeHTML(w, titleOf(doc), append(topNodes(doc, titleOf(doc)), p.nodes()...))
}

// pageOf returns the page of a document.
func pageOf(doc document.Document) (*page, error) {
	switch d := doc.(type) {
	case *document.Action:
		return actionPage(d), nil
	case *document.Check:
		return checkPage(d), nil
	case *document.Clean:
		return cleanPage(d), nil
	case *document.Compare:
		return comparePage(d), nil
	case *document.Doctor:
		return doctorPage(d), nil
	case *document.Inspect:
		return inspectPage(d), nil
	case *document.Predict:
		return predictPage(d), nil
	case *document.Ps:
		return psPage(d), nil
	case *document.Reclaim:
		return reclaimPage(d), nil
	case *document.Why:
		return whyPage(d), nil
	}
	return nil, fmt.Errorf("no layout for %T", doc)
}
