package report

import (
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// hangs marks the row below a name that has a line of its own. No name begins with it.
const hangs = "\x00"

// hung renders the grid with each name that is longer than most on a line of its own. What that leaves of their column is for the others.
func (g *grid) hung(o TableOptions, in, most int) string {
	rest := *g
	rest.rows = nil
	var long []span
	for _, row := range g.rows {
		if len(row) > 0 && text.StringWidthWithoutEscSequences(row[0].text) > most {
			long = append(long, row[0])
			if o.Width > 0 { // a name may be wider than the terminal
				long[len(long)-1].text = text.WrapHard(row[0].text, o.Width-in)
			}
			row = slices.Clone(row)
			row[0] = span{text: hangs}
		}
		rest.rows = append(rest.rows, row)
	}
	natural := rest.naturalWidths()
	var all strings.Builder
	for line := range strings.Lines(rest.aligned(o, natural, rest.widths(natural, o.Width, in))) {
		if below, ok := strings.CutPrefix(line, hangs); ok && len(long) > 0 {
			all.WriteString(paint(long[:1], o.Color) + "\n")
			line, long = below, long[1:]
		}
		all.WriteString(line)
	}
	return all.String()
}
