package value

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText bounds a text that [Clean] returns, in bytes.
const MaxText = 4096

// Clean makes text from a container, docker or the kernel safe for a terminal, a page and a log. It returns one line of
// printable characters, at most [MaxText] bytes long. Replaced characters stay visible:
//
//	control character    ESC        ␛, its Unicode picture
//	                     line feed  ␊
//	                     C1         <U+009B>, as less(1) writes it
//	invisible character  U+202E     <U+202E>; also zero-width characters and any blank other than the space
//	invalid UTF-8        0x9B       <9B>
//	tab                             a space
//
// Cleaning is idempotent.
func Clean(text string) string { return CleanUpTo(MaxText, text) }

// CleanUpTo is [Clean] with another bound, in bytes.
func CleanUpTo(bound int, text string) string {
	if len(text) <= bound && isClean(text) {
		return text
	}
	var b strings.Builder
	suffix := fmt.Sprintf("… (%d bytes)", len(text))
	fits := 0 // the length of b that leaves room for the suffix
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
			return b.String()[:fits] + suffix
		}
		if b.Len() <= bound-len(suffix) {
			fits = b.Len()
		}
		at += size
	}
	return b.String()
}

// isClean reports whether Clean would change nothing but the length.
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

// printable reports whether a character is visible. Some of Unicode's letters and marks are not.
func printable(r rune) bool {
	return unicode.IsPrint(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !unicode.Is(unicode.Variation_Selector, r)
}

// CleanLines applies [Clean] to each line and keeps the line feeds.
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

// OneLine puts a text, such as the standard error of a command, on one clean line. It does not cut it.
func OneLine(text string) string {
	var lines []string
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return CleanUpTo(math.MaxInt, strings.Join(lines, " "))
}

// Truncate cuts a text to at most limit bytes, at a character boundary, and appends an ellipsis.
func Truncate(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	at := limit
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	return text[:at] + "…"
}
