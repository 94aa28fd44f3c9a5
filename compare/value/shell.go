package value

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Paste writes a command so that it can be pasted into an interactive shell. The result is one line of printable
// characters.
func Paste(argv []string) string {
	quoted := make([]string, len(argv))
	for i, arg := range argv {
		quoted[i] = Quote(arg)
	}
	return strings.Join(quoted, " ")
}

// Quote quotes an argument or a path unless a shell takes it as it is. The result can be shown on a terminal: invisible
// characters are bytes in $'…', which bash, zsh, ksh, busybox and POSIX.1-2024 read in any locale.
//
// The Quote of mvdan.cc/sh/v3/syntax writes for scripts, not for a prompt: it leaves !x bare and quotes it's!x with double
// quotes, so an interactive bash replaces both from its history; and it writes \u202e, which bash decodes in UTF-8 locales
// only.
func Quote(arg string) string {
	switch {
	case arg != "" && strings.IndexFunc(arg, special) < 0:
		return arg
	case isClean(arg):
		return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for at := 0; at < len(arg); {
		r, size := utf8.DecodeRuneInString(arg[at:])
		char := arg[at : at+size]
		switch {
		case r == '\'' || r == '\\':
			b.WriteString(`\` + char)
		case isClean(char):
			b.WriteString(char)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == 0x1b:
			b.WriteString(`\e`)
		default:
			for i := range size {
				fmt.Fprintf(&b, `\x%02x`, char[i])
			}
		}
		at += size
	}
	b.WriteString("'")
	return b.String()
}

func special(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=,@%+", r))
}

// Bounded cuts a text to so many bytes.
func Bounded(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	at := limit
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	return text[:at] + "…"
}
