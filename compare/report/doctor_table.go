package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// marks of the states, and their colours.
var marks = map[string]struct {
	mark  string
	color text.Color
}{
	document.OK: {"✓", text.FgGreen}, document.Limits: {"⚠", text.FgYellow}, document.Unfit: {"✗", text.FgRed}, document.Unknown: {"?", text.FgYellow},
}

// Table lays the conditions out, one after the other.
func doctorTable(w io.Writer, d *document.Doctor, o TableOptions) error {
	width := 0
	for _, c := range d.Conditions {
		width = max(width, len(c.Name))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", wrap(doctorVerdict(d), o.Width))
	left := width + 5 // a blank, the mark, a blank, the name, two blanks
	for _, c := range d.Conditions {
		m := marks[c.State]
		mark := m.mark
		if o.Color {
			mark = m.color.Sprint(mark)
		}
		fmt.Fprintf(&b, " %s %-*s  %s\n", mark, width, c.Name, indent(c.Found, o.Width, left))
		if c.Means != "" {
			fmt.Fprintf(&b, "%*s%s\n", left, "", indent(c.Means, o.Width, left))
		}
		for _, mend := range c.Fix {
			// A command that can be pasted is not wrapped.
			fmt.Fprintf(&b, "%*s→ %s\n", left, "", mend)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// verdict is all of it in a line.
func doctorVerdict(d *document.Doctor) string {
	count := map[string]int{}
	for _, c := range d.Conditions {
		count[c.State]++
	}
	switch {
	case !d.Fit:
		return fmt.Sprintf("This host is not fit: %s.", value.Count(count[document.Unfit], "condition is not met", "conditions are not met"))
	case count[document.Limits]+count[document.Unknown] > 0:
		return fmt.Sprintf("This host is fit, within limits: %d of %d conditions.", count[document.Limits]+count[document.Unknown], len(d.Conditions))
	}
	return "This host is fit."
}
