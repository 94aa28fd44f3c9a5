package report

import (
	"strings"

	"haltscope/compare/document"
)

// Page is a report in words, made of blocks: what the table, Markdown and the plain HTML page are laid out from.
type Page struct {
	Title  string        // for the layouts that have one
	host   document.Host // of the report, for the parts of it that do not know
	blocks []block
}

// block is a heading, a line of text, or a grid.
type block struct {
	kind  blockKind
	in    int // how far it is set in on a terminal
	hang  int // how far the lines behind the first are
	text  []span
	grid  *grid
	level int // of a heading: 1 for a container, 2 for a part
}

type blockKind int

const (
	lineBlock blockKind = iota
	headingBlock
	gridBlock
	codeBlock // a command, to be pasted
)

// span is text in one tone.
type span struct {
	text string
	tone tone
}

// tone is what a text means, for layouts that have colours.
type tone int

const (
	plainTone tone = iota
	good
	warn
	bad
)

// toneOf a verdict: nothing was lost, something may have been, the kernel or Docker used force.
func toneOf(kind string) tone {
	switch kind {
	case "graceful", "paused", "exited":
		return good
	case "forced", "killed", "oom-killed", "crashed":
		return bad
	}
	return warn
}

// grid is a table: a header, or none, and rows of cells.
type grid struct {
	header []string
	rows   [][]span
	right  []int // columns of figures, by their index
	wide   []int // columns of prose, which are the first to be wrapped
	limit  int   // columns of a row where there is no terminal; 0 for no limit
}

func (g *grid) row(cells ...any) {
	all := make([]span, 0, len(cells))
	for _, c := range cells {
		switch c := c.(type) {
		case string:
			all = append(all, span{text: c})
		case span:
			all = append(all, c)
		}
	}
	g.rows = append(g.rows, all)
}

func (p *Page) add(b block) { p.blocks = append(p.blocks, b) }

func (p *Page) heading(level int, text string) {
	p.add(block{kind: headingBlock, level: level, text: []span{{text: text}}})
}

// part is a heading within a container.
func (p *Page) part(text string) {
	p.add(block{kind: headingBlock, level: 2, in: 1, text: []span{{text: text}}})
}

// line is a line of text, set in; the lines behind its first are, too.
func (p *Page) line(in int, text string) { p.spans(in, in, span{text: text}) }

func (p *Page) spans(in, hang int, text ...span) {
	p.add(block{kind: lineBlock, in: in, hang: hang, text: text})
}

func (p *Page) code(in int, text string) {
	p.add(block{kind: codeBlock, in: in, hang: in, text: []span{{text: text}}})
}

func (p *Page) table(in int, g *grid) { p.add(block{kind: gridBlock, in: in, grid: g}) }

// sentences are an explanation, each with its sources.
func (p *Page) sentences(in int, all []document.Sentence) {
	for _, s := range all {
		p.line(in, sentenceLine(s))
	}
}

// section is a heading and a list; nothing where the list is empty.
func (p *Page) section(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.heading(2, title)
	for _, l := range lines {
		p.line(2, l)
	}
}

func (b *block) words() string {
	var all strings.Builder
	for _, s := range b.text {
		all.WriteString(s.text)
	}
	return all.String()
}
