package man

import (
	"fmt"
	"strings"
)

// page is text in the language of man(7).
type page struct {
	strings.Builder
	last string
}

// line writes a line that is of that language already. A paragraph begins behind a heading without being told so.
func (p *page) line(s string) {
	if s != ".PP" || !strings.HasPrefix(p.last, ".S") {
		p.WriteString(s + "\n")
		p.last = s
	}
}

// macro writes a request with its arguments.
func (p *page) macro(name string, args ...string) {
	for _, arg := range args {
		arg = strings.ReplaceAll(escape(arg), `"`, `\(dq`)
		if name == ".TH" || strings.HasPrefix(name, ".TH ") {
			arg = strings.ReplaceAll(arg, `\-`, "-") // a date is read by programs
		}
		if strings.ContainsAny(arg, " ") || arg == "" {
			arg = `"` + arg + `"`
		}
		name += " " + arg
	}
	p.line(name)
}

// text writes prose, in lines short enough for every tool; the formatter fills them again.
func (p *page) text(s string) {
	line := ""
	for _, word := range strings.Fields(s) {
		word = escape(word)
		if line != "" && len(line)+1+len(word) > 78 {
			p.line(guard(line))
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		p.line(guard(line))
	}
}

// item writes a term, which is of the language already, and what it means.
func (p *page) item(term, text string) {
	p.line(".TP")
	p.line(term)
	p.text(text)
}

// paragraphs writes prose with empty lines between its parts, and with indented lines, which stay as they are.
func (p *page) paragraphs(s string) {
	var prose, block []string
	flush := func() {
		if len(prose) > 0 {
			p.line(".PP")
			p.text(strings.Join(prose, " "))
		}
		if len(block) > 0 {
			p.verbatim(block)
		}
		prose, block = nil, nil
	}
	for line := range strings.SplitSeq(s, "\n") {
		switch {
		case strings.TrimSpace(line) == "":
			flush()
		case strings.HasPrefix(line, "  "):
			block = append(block, strings.TrimPrefix(line, "  "))
		default:
			if len(block) > 0 {
				flush()
			}
			prose = append(prose, line)
		}
	}
	flush()
}

// verbatim writes lines as they are, to the right of the prose.
func (p *page) verbatim(lines []string) {
	p.line(".PP")
	p.line(".RS 4")
	p.line(".EX")
	for _, line := range lines {
		p.line(guard(escape(line)))
	}
	p.line(".EE")
	p.line(".RE")
}

// escape writes a text so that the formatter shows it as it is. A hyphen is what a user types, and no dash.
func escape(s string) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			out.WriteString(`\e`)
		case r == '-':
			out.WriteString(`\-`)
		case r == '\'':
			out.WriteString(`\(aq`)
		case r == '^':
			out.WriteString(`\(ha`)
		case r == '~':
			out.WriteString(`\(ti`)
		case r == '`':
			out.WriteString(`\(ga`)
		case r > 126:
			fmt.Fprintf(&out, `\[u%04X]`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// guard keeps a line that begins with a point from being taken for a request.
func guard(line string) string {
	if strings.HasPrefix(line, ".") {
		return `\&` + line
	}
	return line
}

func bold(s string) string   { return `\fB` + s + `\fR` }
func italic(s string) string { return `\fI` + s + `\fR` }
