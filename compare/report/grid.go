package report

import (
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// gap is the distance between two columns.
const gap = 2

// write writes the grid for a terminal, indented by some columns.
func (g *grid) write(to *strings.Builder, o TableOptions, in int) {
	rendered := g.fitted(o.Width, in).render(o, in)
	to.Grow(len(rendered))
	for line := range strings.Lines(rendered) {
		if line = strings.TrimRight(line, " \n"); line != "" {
			to.WriteString(strings.Repeat(" ", in))
		}
		to.WriteString(line)
		to.WriteByte('\n')
	}
}

// fitted returns the grid without the extra columns for which a terminal has no room.
func (g *grid) fitted(width, in int) *grid {
	extra := g.extra
	for ; width > 0 && len(extra) > 0; extra = extra[1:] {
		sum := in
		for _, w := range g.naturalWidths() {
			sum += w + gap
		}
		if sum <= width {
			break
		}
		g = g.without(extra[0])
		for i := range extra {
			if extra[i] > extra[0] {
				extra = slices.Clone(extra)
				extra[i]--
			}
		}
	}
	return g
}

// withoutEmpty returns the grid without a column in which no row has anything.
func (g *grid) withoutEmpty(column int) *grid {
	if slices.ContainsFunc(g.rows, func(row []span) bool { return row[column].text != "" }) {
		return g
	}
	return g.without(column)
}

// without returns the grid without a column.
func (g *grid) without(column int) *grid {
	others := func(all []int) (left []int) {
		for _, i := range all {
			switch {
			case i < column:
				left = append(left, i)
			case i > column:
				left = append(left, i-1)
			}
		}
		return left
	}
	less := &grid{right: others(g.right), wide: others(g.wide), whole: others(g.whole), extra: others(g.extra), limit: g.limit,
		names: g.names}
	less.header = slices.Delete(slices.Clone(g.header), column, column+1)
	for _, row := range g.rows {
		less.rows = append(less.rows, slices.Delete(slices.Clone(row), column, column+1))
	}
	return less
}

func (g *grid) render(o TableOptions, in int) string {
	natural := g.naturalWidths()
	widths := g.widths(natural, o.Width, in)
	if !g.names || len(widths) == 0 || widths[0] >= natural[0] {
		return g.aligned(o, natural, widths)
	}
	return g.hung(o, in, widths[0])
}

// aligned renders the grid with columns of the widths given.
func (g *grid) aligned(o TableOptions, natural, widths []int) string {
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
		for i := range r {
			row[i] = paint(r[i:i+1], o.Color)
		}
		t.AppendRow(row)
	}
	var columns []table.ColumnConfig
	for i, width := range widths {
		c := table.ColumnConfig{Number: i + 1}
		if width < natural[i] { // wrapping each cell is slow
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

// The least widths that columns are narrowed to: first the columns of prose, then all if that is not enough.
const (
	leastProse = 12
	leastName  = 12
	leastAny   = 4
)

// widths returns the width of each column, so that a row fits.
func (g *grid) widths(natural []int, width, in int) []int {
	all := slices.Clone(natural)
	if width <= 0 {
		if g.limit == 0 {
			return all
		}
		width = g.limit
	}
	available := width - in - gap*len(all) // the rule below a header extends past the last column
	narrow(all, available, leastProse, func(i int) bool { return slices.Contains(g.wide, i) })
	if g.names {
		narrow(all, available, leastName, func(i int) bool { return i == 0 })
	}
	narrow(all, available, leastAny, func(i int) bool { return !slices.Contains(g.whole, i) })
	narrow(all, available, leastAny, func(int) bool { return true })
	return all
}

// narrow narrows the widest of the chosen columns until all columns fit or none can be narrowed.
func narrow(widths []int, available, least int, chosen func(int) bool) {
	for {
		sum, widest := 0, -1
		for i, w := range widths {
			sum += w
			if chosen(i) && w > least && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if sum <= available || widest < 0 {
			return
		}
		widths[widest]--
	}
}

// naturalWidths returns the width of the longest line of each column.
func (g *grid) naturalWidths() []int {
	var all []int
	fit := func(i int, s string) {
		for len(all) <= i {
			all = append(all, 1)
		}
		for line := range strings.Lines(s) {
			all[i] = max(all[i], text.StringWidthWithoutEscSequences(strings.TrimSuffix(line, "\n")))
		}
	}
	for i, h := range g.header {
		fit(i, h)
	}
	for _, r := range g.rows {
		for i, c := range r {
			fit(i, c.text)
		}
	}
	return all
}
