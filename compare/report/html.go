package report

import (
	"embed"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/rivo/uniseg"
)

//go:embed page
var pageFiles embed.FS

// The template and the style sheet are read at their first use: most commands write no HTML.
var (
	pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(pageFiles, "page/page.html")) })
	pageStyle    = sync.OnceValue(func() string { return must(pageFiles.ReadFile("page/style.css")) })
)

func must(data []byte, err error) string {
	if err != nil {
		panic(err) // it is embedded
	}
	return string(data)
}

// node is a part of an HTML page, as the template "nodes" in page/page.html knows it.
type node struct {
	Kind    string
	Class   string
	Label   []htmlSpan // of an answer
	ID      string     // of a section
	Spans   []htmlSpan
	Sources string
	Grid    htmlGrid
	Keys    []legendKey
	Picture picture
	Day     dayPicture
	Links   []link
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
	Text, Class, Tone string
	Head              bool
}

var toneClass = map[tone]string{good: "good", warn: "warn", bad: "bad", source: "src"}

// writeHTML writes a page of nodes.
func writeHTML(w io.Writer, title string, nodes []node) error {
	var b strings.Builder
	err := pageTemplate().ExecuteTemplate(&b, "page.html", struct {
		Title string
		Style template.CSS
		Nodes []node
	}{title, template.CSS(pageStyle()), nodes})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// textNode returns a node with a text.
func textNode(kind, text string) node { return node{Kind: kind, Spans: []htmlSpan{{Text: text}}} }

// classed returns the node with a class of the style sheet.
func classed(n node, class string) node {
	n.Class = class
	return n
}

// withNodes returns the node with more nodes in it.
func withNodes(n node, more ...node) node {
	n.Nodes = append(n.Nodes[:len(n.Nodes):len(n.Nodes)], more...)
	return n
}

// details returns a node that the reader can open.
func details(summary string, nodes ...node) node {
	n := textNode("details", summary)
	n.Nodes = nodes
	return n
}

// nodes returns the blocks of a page as HTML nodes.
func (p *page) nodes() (all []node) {
	title := p.title // of the grid that follows
	for _, b := range p.without(briefPart) {
		n := node{Kind: "p", Label: htmlSpans(b.label), Spans: htmlSpans(b.text)}
		for i := range n.Spans {
			if b.kind == headingBlock { // columns of a terminal
				n.Spans[i].Text = strings.ReplaceAll(n.Spans[i].Text, "  ", " · ")
			}
		}
		switch {
		case b.kind == lineBlock && len(n.Spans) == 0 && len(n.Label) == 0:
			continue // the space between two blocks is for the style sheet
		case b.kind == headingBlock && b.level > 1:
			n.Kind, title = "h3", words(b.text)
		case b.kind == headingBlock:
			n.Kind, title = "h2", words(b.text)
		case b.kind == gridBlock:
			n = gridNode(b.grid, title)
		case len(n.Label) > 0:
			n.Kind = "answer"
			if strings.HasPrefix(words(b.label), " ") { // a figure
				n.Class = "num"
			}
		case b.in > 2:
			n.Class = "in"
		}
		all = append(all, n)
	}
	return all
}

// htmlSpans returns text with badges and commands. A long command, and one that stands alone, has a block of its own.
func htmlSpans(spans []span) (all []htmlSpan) {
	const inline = 40 // letters of a command within a sentence
	for _, s := range spans {
		if s.tone != command {
			if s.text != "" {
				all = append(all, htmlSpan{s.text, badge(s)})
			}
			continue
		}
		one := htmlSpan{strings.TrimSuffix(strings.TrimPrefix(s.text, "`"), "`"), "code"}
		if len(spans) == 1 || len(one.Text) > inline {
			one.Tone = "block"
		}
		all = append(all, one)
	}
	return all
}

// codeNode returns a command in a block of its own.
func codeNode(text string) node { return node{Kind: "p", Spans: []htmlSpan{{text, "block"}}} }

// badge returns the class of a text: a state in a word or two is a badge.
func badge(s span) string {
	class := toneClass[s.tone]
	const most = 26 // letters
	if n := uniseg.StringWidth(s.text); class != "" && s.tone != source && n > 1 && n <= most && !strings.Contains(s.text, ",") {
		return "badge " + class
	}
	return class
}

// gridNode returns a grid with a label for screen readers.
func gridNode(g *grid, label string) node { return node{Kind: "grid", Grid: g.html(label)} }

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
			cell := htmlCell{Text: strings.TrimSpace(c.text), Class: class(i), Tone: badge(c), Head: i == 0}
			if i == 0 && strings.HasPrefix(c.text, "  ") {
				cell.Class += " sub"
			}
			row = append(row, cell)
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}
