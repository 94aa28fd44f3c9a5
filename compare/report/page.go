package report

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// page is a report as blocks, from which every layout is made.
type page struct {
	title  string // for the layouts that have one
	blocks []block
	role   role // of the blocks that are added
}

// role says where a block is shown.
type role int

const (
	mainPart   role = iota // everywhere
	detailPart             // the evidence: not in a table, unless it is asked for
	briefPart              // in place of the evidence: only in a table without it
)

// block is a heading, a line of text, or a grid.
type block struct {
	kind  blockKind
	role  role
	level int    // of a heading: 1 for a container, 2 for a part
	in    int    // columns of indentation on a terminal
	label []span // before the text; on a terminal, further lines of the text align with its first
	text  []span
	most  int // the lines that a terminal shows of the text, unless the evidence is asked for; 0 for all
	grid  *grid
}

type blockKind int

const (
	lineBlock blockKind = iota
	headingBlock
	gridBlock
)

// span is text in one tone.
type span struct {
	text string
	tone tone
}

// tone is the meaning of a text, for layouts that have colors.
type tone int

const (
	plainTone tone = iota
	good
	warn
	bad
	source  // where a fact comes from
	command // to be pasted: no line is broken inside it
)

// kindOf returns the kind of a verdict, and the program that it is about if inits or wrappers are in front of that.
func kindOf(v *document.Verdict) string {
	if v.Of == "" || len(v.Under) == 0 {
		return string(v.Kind)
	}
	return fmt.Sprintf("%s (%s under %s)", v.Kind, v.Of, strings.Join(v.Under, ", "))
}

// toneOf returns the tone of a verdict: good if nothing was lost, bad if force was used or the program failed, plain if it says neither.
func toneOf(kind value.Kind) tone {
	switch kind {
	case value.Graceful, value.Paused, value.Resumed, value.Exited:
		return good
	case value.Restarted, value.Removed:
		return plainTone
	case value.FailedStopping, value.Forced, value.Killed, value.OOMKilled, value.Crashed:
		return bad
	}
	return warn
}

// grid is a table of cells, with or without a header.
type grid struct {
	header []string
	rows   [][]span
	right  []int // the columns of figures, by index
	wide   []int // the columns of prose, which are narrowed first
	whole  []int // the columns that are narrowed only if there is no other way
	extra  []int // the columns that are left out on a narrow terminal, the first ones first
	limit  int   // the width of a row without a terminal; 0 for no limit
	names  bool  // the first column has names, which are never broken: one that is too long has a line of its own, above its row
}

// row adds a row. A cell is a string or a span.
func (g *grid) row(cells ...any) {
	row := make([]span, 0, len(cells))
	for _, c := range cells {
		switch c := c.(type) {
		case string:
			row = append(row, span{text: c})
		case span:
			row = append(row, c)
		}
	}
	g.rows = append(g.rows, row)
}

// lines adds a row for each line, with the name in the first.
func (g *grid) lines(name string, lines []string) {
	for _, line := range lines {
		g.row(name, line)
		name = ""
	}
}

func (p *page) add(b block) {
	b.role = p.role
	p.blocks = append(p.blocks, b)
}

// without returns the blocks that do not have a role.
func (p *page) without(hidden role) (all []block) {
	for _, b := range p.blocks {
		if b.role != hidden {
			all = append(all, b)
		}
	}
	return all
}

// heading adds a heading of a container (level 1) or a part (level 2).
func (p *page) heading(level int, text ...span) {
	p.add(block{kind: headingBlock, level: level, text: text})
}

// part adds a heading within a container.
func (p *page) part(text string) {
	p.add(block{kind: headingBlock, level: 2, in: 1, text: []span{{text: text}}})
}

// line adds a line of text, indented by some columns.
func (p *page) line(in int, text string) { p.add(block{in: in, text: []span{{text: text}}}) }

// labeled adds a line with a label in front.
func (p *page) labeled(in int, text string, label ...span) {
	p.add(block{in: in, label: label, text: []span{{text: text}}})
}

// gridOf adds a grid.
func (p *page) gridOf(in int, g *grid) { p.add(block{kind: gridBlock, in: in, grid: g}) }

// sentences adds an explanation, each sentence with its sources.
func (p *page) sentences(in int, all []document.Sentence) {
	for _, s := range all {
		p.add(block{in: in, text: sourced(s.Text, strings.Join(s.Sources, "; "))})
	}
}

// section adds a heading and a list, unless the list is empty.
func (p *page) section(title string, lines []string) {
	var all [][]span
	for _, l := range lines {
		all = append(all, advice(l))
	}
	p.list(title, all)
}

// list adds a heading and lines of spans, unless there are none.
func (p *page) list(title string, lines [][]span) {
	if len(lines) == 0 {
		return
	}
	p.heading(2, span{text: title})
	for _, l := range lines {
		p.add(block{in: 2, text: l})
	}
}

// sourced returns a fact and where it comes from.
func sourced(text, from string) []span {
	spans := advice(text)
	if from == "" {
		return spans
	}
	return append(spans, span{text: "  "}, span{"[" + from + "]", source})
}

// advice returns a text in which commands stand between backquotes.
func advice(text string) (all []span) {
	parts := strings.Split(text, "`")
	if len(parts)%2 == 0 { // one of them is no quote
		return []span{{text: text}}
	}
	for i, part := range parts {
		switch {
		case i%2 == 1:
			all = append(all, span{"`" + part + "`", command})
		case part != "":
			all = append(all, span{text: part})
		}
	}
	return all
}

// words returns the text of spans without tones.
func words(spans []span) string {
	var all strings.Builder
	for _, s := range spans {
		all.WriteString(s.text)
	}
	return all.String()
}
