package manual

import (
	"fmt"
	"strings"
)

// width is the longest line of prose, in bytes. Source: mandoc -T lint, "input text line longer than 80 bytes".
const width = 78

// tidy makes roff from go-md2man portable and free of lint. It shows a hyphen as the character that a user types, names
// characters outside of ASCII, folds long lines, and indents examples.
func tidy(roff string) string {
	p := &page{}
	example := false
	for line := range strings.Lines(roff) {
		line = strings.TrimRight(line, "\n")
		request := strings.HasPrefix(line, ".")
		switch {
		case line == ".EX":
			example = true
			p.add(".PP", ".RS 4", ".EX")
		case line == ".EE":
			example = false
			p.add(".EE", ".RE")
		case example:
			p.add(portable(line))
		case line == ".nh": // before the title, which would reset it
		case strings.HasPrefix(line, ".TH "):
			p.add(line, ".nh")
		case request:
			p.add(strings.TrimRight(line, " "))
		case !request && strings.TrimSpace(line) != "":
			p.fold(portable(line))
		}
	}
	return p.String()
}

// page is text in the language of man(7).
type page struct {
	strings.Builder
	last string
}

// add writes lines. A heading begins a paragraph by itself.
func (p *page) add(lines ...string) {
	for _, line := range lines {
		if line == ".PP" && strings.HasPrefix(p.last, ".S") {
			continue
		}
		p.WriteString(line + "\n")
		p.last = line
	}
}

// fold writes a line of prose, in several lines if it is long. The formatter fills them again.
func (p *page) fold(line string) {
	folded := ""
	for _, word := range strings.Fields(line) {
		if folded != "" && len(folded)+1+len(word) > width {
			p.add(guard(folded))
			folded = ""
		}
		folded = strings.TrimLeft(folded+" "+word, " ")
	}
	p.add(guard(folded))
}

// guard keeps a line of text from being taken for a request.
func guard(line string) string {
	if strings.HasPrefix(line, ".") {
		return `\&` + line
	}
	return line
}

// named are the characters that a formatter would replace by typographic ones, and those that its fonts for print lack.
// Source: groff_char(7), groff_man_style(7).
var named = map[rune]string{'-': `\-`, '\'': `\(aq`, '^': `\(ha`, '~': `\(ti`, '`': `\(ga`, '─': `\-`, '⚠': "!"}

// portable returns a line of text with each special character by name. Escapes that go-md2man wrote stay.
func portable(line string) string {
	line = strings.ReplaceAll(strings.ReplaceAll(line, `\\`, `\e`), `\-`, "-")
	var out strings.Builder
	for _, r := range line {
		switch name, special := named[r]; {
		case special:
			out.WriteString(name)
		case r > '~':
			fmt.Fprintf(&out, `\[u%04X]`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
