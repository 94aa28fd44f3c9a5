package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// TableOptions describe where a table goes.
type TableOptions struct {
	Width int // the columns of the terminal; 0 for no limit
	Color bool
}

// table writes the page for a terminal.
func (p *page) table(w io.Writer, o TableOptions) error {
	var b strings.Builder
	var previous *block
	for i := range p.blocks {
		block := &p.blocks[i]
		if block.startsGroup(previous) {
			b.WriteByte('\n')
		}
		if block.kind == gridBlock {
			block.grid.write(&b, o, block.in)
		} else {
			block.write(&b, o)
		}
		previous = block
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Redraw writes a text at the top of a terminal, in place of what was there. Each line is cleared to its end, and what is below as well.
// Source: console_codes(4), ECMA-48 CSI sequences.
func Redraw(w io.Writer, page string) error {
	const home, clearLine, clearBelow = "\x1b[H", "\x1b[K", "\x1b[J"
	_, err := io.WriteString(w, home+strings.ReplaceAll(page, "\n", clearLine+"\n")+clearBelow)
	return err
}

// startsGroup reports whether an empty line separates a block from the previous one.
func (b *block) startsGroup(previous *block) bool {
	switch {
	case previous == nil:
		return false
	case b.kind == headingBlock:
		return true
	case b.kind == gridBlock:
		return b.in == 0 && (previous.kind != headingBlock || previous.level == 1)
	}
	return b.in > 0 && previous.kind == lineBlock && previous.in == 0
}

// write writes a heading or a line.
func (b *block) write(to *strings.Builder, o TableOptions) {
	label, words := paint(b.label, o.Color), paint(b.text, o.Color)
	hang := b.in + text.StringWidthWithoutEscSequences(label)
	if b.kind == headingBlock {
		hang = 2
	}
	if !b.noWrap {
		words = indent(words, o.Width, hang)
	}
	fmt.Fprintf(to, "%s%s%s\n", strings.Repeat(" ", b.in), label, words)
}

// indent wraps a text and indents each line but the first.
func indent(s string, width, by int) string {
	if width > 0 {
		s = text.WrapSoft(s, max(width-by, 20))
	}
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n"+strings.Repeat(" ", by))
}

var toneColors = map[tone]text.Color{good: text.FgGreen, warn: text.FgYellow, bad: text.FgRed}

// paint returns the text of some spans, with escape sequences for their tones if color is set.
func paint(spans []span, color bool) string {
	var all strings.Builder
	for _, s := range spans {
		if c, ok := toneColors[s.tone]; color && ok && s.text != "" {
			all.WriteString(c.Sprint(s.text))
		} else {
			all.WriteString(s.text)
		}
	}
	return all.String()
}
