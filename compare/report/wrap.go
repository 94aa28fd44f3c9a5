package report

import (
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// leastText is the least width that a text is wrapped to.
const leastText = 20

// word is what stands between two blanks, in pieces of one tone each.
type word []span

func (w word) width() int { return text.StringWidthWithoutEscSequences(words(w)) }

// isCommand reports whether a command is part of the word. It may have blanks.
func (w word) isCommand() bool {
	return slices.ContainsFunc(w, func(s span) bool { return s.tone == command })
}

// split splits text into words. A command stays one.
func split(spans []span) []word {
	all := []word{nil}
	add := func(s span) { all[len(all)-1] = append(all[len(all)-1], s) }
	for _, s := range spans {
		if s.tone == command {
			add(s)
			continue
		}
		for i, part := range strings.Split(s.text, " ") {
			if i > 0 {
				all = append(all, nil)
			}
			if part != "" {
				add(span{part, s.tone})
			}
		}
	}
	return all
}

// broken returns a word in parts that are not wider than a line. A command is never broken: a terminal continues it on the next row,
// from where it can be copied as one.
func (w word) broken(width int) []word {
	if w.isCommand() || w.width() <= width {
		return []word{w}
	}
	var all []word
	for _, s := range w {
		for part := range strings.SplitSeq(text.WrapHard(s.text, width), "\n") {
			all = append(all, word{{part, s.tone}})
		}
	}
	return all
}

// wrap breaks text into lines. Of more than most lines, if that is above 0, it leaves out the rest.
func wrap(spans []span, width, most int) [][]span {
	var lines [][]word
	column := 0
	for _, one := range split(spans) {
		for _, w := range one.broken(width) {
			n := w.width()
			switch {
			case len(lines) > 0 && column+1+n <= width:
				lines[len(lines)-1] = append(lines[len(lines)-1], w)
				column += 1 + n
			case n > 0 || len(lines) == 0:
				lines = append(lines, []word{w})
				column = n
			}
		}
	}
	if most > 0 && len(lines) > most {
		lines = lines[:most]
		lines[most-1] = cut(lines[most-1], width)
	}
	all := make([][]span, len(lines))
	for i, line := range lines {
		all[i] = join(line)
	}
	return all
}

// cut replaces the end of a line by an ellipsis, but no command.
func cut(line []word, width int) []word {
	for len(line) > 1 && word(join(line)).width()+2 > width {
		line = line[:len(line)-1]
	}
	if one := line[0]; len(line) == 1 && one.width()+2 > width && !one.isCommand() {
		line[0] = word{{text.Trim(words(one), width-2), one[0].tone}}
	}
	return append(line, word{{text: "…"}})
}

// join puts blanks between words.
func join(line []word) (all []span) {
	for i, w := range line {
		if i > 0 && len(all) > 0 {
			all[len(all)-1].text += " "
		}
		for _, s := range w {
			if n := len(all); n > 0 && all[n-1].tone == s.tone {
				all[n-1].text += s.text
			} else {
				all = append(all, s)
			}
		}
	}
	for n := len(all); n > 0; n-- {
		all[n-1].text = strings.TrimRight(all[n-1].text, " ")
		if all[n-1].text != "" {
			break
		}
	}
	return all
}
