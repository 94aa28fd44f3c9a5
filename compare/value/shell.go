package value

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Paste quotes a command so that it can be pasted into an interactive shell. The result is one line of printable
// characters.
func Paste(argv []string) string {
	quoted := make([]string, len(argv))
	for i, arg := range argv {
		quoted[i] = Quote(arg)
	}
	return strings.Join(quoted, " ")
}

// Quote quotes an argument or a path if a shell would change it. The result can be shown on a terminal: invisible characters
// are bytes in $'…', which bash, zsh, ksh, busybox and POSIX.1-2024 read in any locale.
//
// syntax.Quote of mvdan.cc/sh/v3 quotes for scripts, not for a prompt: it leaves !x bare and quotes it's!x with double
// quotes, so an interactive bash expands both from its history. It also writes \u202e, which bash decodes only in UTF-8
// locales.
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

// special reports whether a shell may treat a character in a special way.
func special(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=,@%+", r))
}
