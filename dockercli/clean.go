package dockercli

import "strings"

// Clean makes text that came from a container or from docker safe to show: escape sequences and control characters,
// which could move a terminal's cursor or recolour what follows, become "·". Line feeds and tabs become spaces.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < 0x20, r >= 0x7f && r < 0xa0, r == '\u2028', r == '\u2029', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return '·'
		}
		return r
	}, strings.ToValidUTF8(text, "·"))
}
