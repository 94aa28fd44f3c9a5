package value

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText bounds a text that Clean returns, in bytes.
const MaxText = 4096

// Clean makes text that came from a container, from docker or from the kernel safe to show: on a terminal, in a page and
// in a log. The result is one line of printable characters, at most [MaxText] bytes long. What it replaces stays visible:
//
//	a control character     ESC            ␛, its picture in Unicode
//	                        line feed      ␊
//	                        C1             <U+009B>, as less(1) writes it
//	an invisible character  U+202E         <U+202E>: direction marks, zero-width characters, other blanks than the space
//	a byte that is no UTF-8 0x9B           <9B>
//	a tab                                  a space
//
// What has been cleaned is not changed by cleaning it again.
func Clean(text string) string { return CleanUpTo(MaxText, text) }

// CleanUpTo is [Clean] with another bound, in bytes.
func CleanUpTo(bound int, text string) string {
	if len(text) <= bound && isClean(text) {
		return text
	}
	var b strings.Builder
	cut := fmt.Sprintf("… (%d bytes)", len(text))
	fits := 0 // what is left of b where it has to be cut
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "<%02X>", text[at])
		case printable(r):
			b.WriteString(text[at : at+size])
		case r == '\t':
			b.WriteByte(' ')
		case r < ' ':
			b.WriteRune('␀' + r)
		case r == 0x7f:
			b.WriteRune('␡')
		default:
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
		if b.Len() > bound {
			return b.String()[:fits] + cut
		}
		if b.Len() <= bound-len(cut) {
			fits = b.Len()
		}
		at += size
	}
	return b.String()
}

// isClean reports whether Clean leaves a text as it is, but for its length.
func isClean(text string) bool {
	for at := 0; at < len(text); {
		if c := text[at]; c >= ' ' && c < 0x7f {
			at++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[at:])
		if r == utf8.RuneError && size == 1 || !printable(r) {
			return false
		}
		at += size
	}
	return true
}

// printable reports whether a character shows, and as itself. Unicode has some letters and marks that do not.
func printable(r rune) bool {
	return unicode.IsPrint(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !unicode.Is(unicode.Variation_Selector, r)
}

// CleanLines is Clean of each line: the line feeds stay.
func CleanLines(text string) string {
	if len(text) <= MaxText && isClean(text) {
		return text
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = Clean(lines[i])
	}
	return strings.Join(lines, "\n")
}
