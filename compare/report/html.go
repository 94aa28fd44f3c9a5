package report

import (
	"embed"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"haltscope/compare/document"
)

//go:embed page
var pageFiles embed.FS

// They are made when they are first needed: most commands lay out no page.
var (
	pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(pageFiles, "page/page.html")) })
	pageStyle    = sync.OnceValue(func() string { return must(pageFiles.ReadFile("page/style.css")) })
)

func must(data []byte, err error) string {
	if err != nil {
		panic(err) // it was built in
	}
	return string(data)
}

// node is a part of the HTML page.
type node struct {
	Kind    string
	Class   string
	Spans   []htmlSpan
	Sources string
	Grid    htmlGrid
	Keys    []legendKey
	Picture picture
	Nodes   []node
}

type htmlSpan struct{ Text, Tone string }

type legendKey struct{ Ink, Name string }

type htmlGrid struct {
	Label  string
	Header []htmlCell
	Rows   [][]htmlCell
}

type htmlCell struct {
	Text, Class string
	Head        bool
}

var toneClass = map[tone]string{good: "good", warn: "warn", bad: "bad"}

// HTML lays a document out as one page that needs no network, no script and nothing beside it.
func HTML(w io.Writer, doc document.Document) error {
	p, err := pageOf(doc)
	if err != nil {
		return err
	}
	var nodes []node
	switch d := doc.(type) { // those with pictures
	case *document.Compare:
		nodes = compareNodes(d)
	case *document.Inspect:
		nodes = inspectNodes(d)
	default:
		nodes = append([]node{textNode("h1", p.Title)}, p.nodes()...)
	}
	var b strings.Builder
	err = pageTemplate().ExecuteTemplate(&b, "page.html", struct {
		Title string
		Style template.CSS
		Nodes []node
	}{p.Title, template.CSS(pageStyle()), nodes})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, b.String())
	return err
}

func textNode(kind, text string) node { return node{Kind: kind, Spans: []htmlSpan{{Text: text}}} }

func classed(n node, class string) node {
	n.Class = class
	return n
}

func details(summary string, nodes ...node) node {
	n := textNode("details", summary)
	n.Nodes = nodes
	return n
}

// nodes are the page's blocks.
func (p *Page) nodes() (all []node) {
	about := p.Title
	for _, b := range p.blocks {
		n := node{}
		for _, s := range b.text {
			n.Spans = append(n.Spans, htmlSpan{s.text, toneClass[s.tone]})
		}
		switch b.kind {
		case headingBlock:
			n.Kind, about = "h2", b.words()
			if b.level > 1 {
				n.Kind = "h3"
			}
		case codeBlock:
			n.Kind = "code"
		case gridBlock:
			n = node{Kind: "grid", Grid: b.grid.html(about)}
		default:
			n.Kind = "p"
			if b.in > 2 {
				n.Class = "in"
			}
		}
		all = append(all, n)
	}
	return all
}

func (g *grid) html(label string) htmlGrid {
	h := htmlGrid{Label: label}
	class := func(i int) string {
		switch {
		case slices.Contains(g.right, i):
			return "num"
		case slices.Contains(g.wide, i):
			return "prose"
		}
		return ""
	}
	for i, s := range g.header {
		h.Header = append(h.Header, htmlCell{Text: s, Class: class(i)})
	}
	for _, r := range g.rows {
		var row []htmlCell
		for i, c := range r {
			cell := htmlCell{Text: strings.TrimSpace(c.text), Class: strings.TrimSpace(class(i) + " " + toneClass[c.tone]), Head: i == 0}
			if i == 0 && strings.HasPrefix(c.text, "  ") {
				cell.Class += " sub"
			}
			row = append(row, cell)
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}
