package report

import (
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// TableOptions describe where a table goes.
type TableOptions struct {
	Width    int // the columns of the terminal; 0 for no limit
	Color    bool
	Evidence bool // show what the answers rest on
}

// table writes the page for a terminal.
func (p *page) table(w io.Writer, o TableOptions) error {
	if o.Color {
		text.EnableColors() // the library looks at NO_COLOR itself; here the caller has decided
	}
	var b strings.Builder
	hidden := detailPart
	if o.Evidence {
		hidden = briefPart
	}
	var previous *block
	blocks := p.without(hidden)
	for i := range blocks {
		block := &blocks[i]
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
	hang := b.in + text.StringWidthWithoutEscSequences(words(b.label))
	if b.kind == headingBlock {
		hang = 2
	}
	start := strings.Repeat(" ", b.in) + paint(b.label, o.Color)
	if len(b.label) > 0 && o.Width > 0 && hang > o.Width-leastText { // no space for text next to the label
		hang = b.in + 2
		start = strings.TrimRight(start, " ") + "\n" + strings.Repeat(" ", hang)
	}
	to.WriteString(start)
	lines, most := [][]span{b.text}, b.most
	if o.Evidence {
		most = 0
	}
	if o.Width > 0 {
		lines = wrap(b.text, max(o.Width-hang, leastText), most)
	}
	for i, line := range lines {
		if i > 0 {
			to.WriteString(strings.Repeat(" ", hang))
		}
		painted := paint(line, o.Color)
		if o.Color && b.kind == headingBlock {
			painted = text.Bold.Sprint(painted)
		}
		to.WriteString(painted + "\n")
	}
}

var toneColors = map[tone]text.Color{good: text.FgGreen, warn: text.FgYellow, bad: text.FgRed, source: text.Faint}

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
