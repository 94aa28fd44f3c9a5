package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// TableOptions is what a table needs to know of where it goes.
type TableOptions struct {
	Width int // columns of the terminal; 0 for no limit
	Color bool
}

// write lays the page out for a terminal.
func (p *Page) write(w io.Writer, o TableOptions) error {
	var b strings.Builder
	for i, block := range p.blocks {
		blanks := strings.Repeat(" ", block.in)
		switch block.kind {
		case headingBlock:
			if i > 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintf(&b, "%s%s\n", blanks, indent(block.paint(o.Color), o.Width, 2))
		case lineBlock, codeBlock:
			fmt.Fprintf(&b, "%s%s\n", blanks, indent(block.paint(o.Color), o.Width, block.hang))
		case gridBlock:
			if i > 0 && block.in == 0 && p.blocks[i-1].kind != headingBlock || i > 0 && block.in == 0 && p.blocks[i-1].level == 1 {
				b.WriteByte('\n')
			}
			laid := block.grid.render(o, block.in)
			b.Grow(len(laid))
			for line := range strings.Lines(laid) {
				if line = strings.TrimRight(line, " \n"); line != "" {
					b.WriteString(blanks)
				}
				b.WriteString(line)
				b.WriteByte('\n')
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (b *block) paint(color bool) string {
	var all strings.Builder
	for _, s := range b.text {
		all.WriteString(s.paint(color))
	}
	return all.String()
}

func (s span) paint(color bool) string {
	if !color || s.tone == plainTone || s.text == "" {
		return s.text
	}
	return text.Colors{map[tone]text.Color{good: text.FgGreen, warn: text.FgYellow, bad: text.FgRed}[s.tone]}.Sprint(s.text)
}

// gap is the distance of two columns.
const gap = 2

func (g *grid) render(o TableOptions, in int) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.Options{SeparateHeader: true}
	t.Style().Box.PaddingLeft, t.Style().Box.PaddingRight = "", strings.Repeat(" ", gap)
	t.Style().Format.Header = text.FormatDefault
	if len(g.header) > 0 {
		var header table.Row
		for _, h := range g.header {
			header = append(header, h)
		}
		t.AppendHeader(header)
	}
	for _, r := range g.rows {
		row := make(table.Row, len(r))
		for i, c := range r {
			row[i] = c.paint(o.Color)
		}
		t.AppendRow(row)
	}
	var columns []table.ColumnConfig
	natural := g.natural()
	for i, width := range g.widths(natural, o.Width, in) {
		c := table.ColumnConfig{Number: i + 1}
		if width < natural[i] { // wrapping each cell takes a while
			c.WidthMax, c.WidthMaxEnforcer = width, text.WrapSoft
		}
		if slices.Contains(g.right, i) {
			c.Align, c.AlignHeader = text.AlignRight, text.AlignRight
		}
		columns = append(columns, c)
	}
	t.SetColumnConfigs(columns)
	return t.Render() + "\n"
}

// widths shares the terminal's width among the columns: those of prose give way first, the widest of them before the
// others, and the others where that is not enough.
func (g *grid) widths(natural []int, width, in int) []int {
	all := slices.Clone(natural)
	if width <= 0 {
		if g.limit == 0 {
			return all
		}
		width = g.limit
	}
	room := width - in - gap*len(all) // the rule below a header reaches behind the last
	const least = 12                  // of a column of prose, before the others give way
	shrink(all, room, g.wide, least)
	every := make([]int, len(all))
	for i := range every {
		every[i] = i
	}
	shrink(all, room, every, 4)
	return all
}

// shrink narrows the widest of some columns until all fit, or each is as narrow as can be.
func shrink(widths []int, room int, some []int, least int) {
	for {
		sum, widest := 0, -1
		for _, w := range widths {
			sum += w
		}
		for _, i := range some {
			if i < len(widths) && widths[i] > least && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if sum <= room || widest < 0 {
			return
		}
		widths[widest]--
	}
}

// natural is how wide each column would be.
func (g *grid) natural() []int {
	var all []int
	see := func(i int, s string) {
		for len(all) <= i {
			all = append(all, 1)
		}
		for line := range strings.Lines(s) {
			all[i] = max(all[i], text.StringWidthWithoutEscSequences(strings.TrimSuffix(line, "\n")))
		}
	}
	for i, h := range g.header {
		see(i, h)
	}
	for _, r := range g.rows {
		for i, c := range r {
			see(i, c.text)
		}
	}
	return all
}

// indent wraps a text whose lines, but the first, begin behind some blanks.
func indent(s string, width, by int) string {
	if width > 0 {
		s = wrap(s, max(width-by, 20))
	}
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n"+strings.Repeat(" ", by))
}

func wrap(s string, width int) string {
	if width <= 0 {
		return s
	}
	return text.WrapSoft(s, width)
}
