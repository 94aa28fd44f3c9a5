package man

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// A section of a README, from one heading to the next: what must be the same in every language.
type section struct {
	title string
	level int
	// blocks are commands and what they print, without the comments behind #.
	blocks []string
	// rows are what the rows of the tables have set as code: the first column as it is, and all of the row, sorted.
	rows []string
	// words are all that is set as code outside of the blocks.
	words map[string]bool
}

var (
	comment = regexp.MustCompile(`\s+# .*`)
	inline  = regexp.MustCompile("`[^`]+`")
	space   = regexp.MustCompile(`\s+`)
	jump    = regexp.MustCompile(`\]\(#([^)]*)\)`)
	link    = regexp.MustCompile(`\]\(([^#)][^)]*)\)`)
)

// sections takes a README apart.
func sections(text string) []section {
	all := []section{{}}
	var prose, block strings.Builder
	fenced := false
	end := func() {
		words := map[string]bool{}
		for _, word := range inline.FindAllString(prose.String(), -1) {
			words[space.ReplaceAllString(word, " ")] = true
		}
		all[len(all)-1].words = words
		prose.Reset()
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		title := strings.TrimLeft(line, "#")
		switch {
		case strings.HasPrefix(line, "```"):
			block.WriteString(line + "\n")
			if fenced {
				last := &all[len(all)-1]
				last.blocks = append(last.blocks, block.String())
				block.Reset()
			}
			fenced = !fenced
		case fenced:
			block.WriteString(comment.ReplaceAllString(line, "") + "\n")
		case strings.HasPrefix(line, "#") && strings.HasPrefix(title, " "):
			end()
			all = append(all, section{title: strings.TrimSpace(title), level: len(line) - len(title)})
		default:
			prose.WriteString(line + "\n")
			if cells := strings.Split(line, "|"); strings.HasPrefix(line, "|") {
				words := inline.FindAllString(line, -1)
				slices.Sort(words)
				last := &all[len(all)-1]
				last.rows = append(last.rows, strings.Join(inline.FindAllString(cells[1], -1), " ")+": "+strings.Join(slices.Compact(words), " "))
			}
		}
	}
	end()
	return all
}

// anchor is what GitHub makes of a heading.
func anchor(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, title)
}

// TestReadmes: the README in Chinese has the sections of the English one, with the same commands, output, flags and keys,
// so that a change to one of the two is not forgotten in the other.
func TestReadmes(t *testing.T) {
	read := func(name string) string {
		data, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	const inEnglish, inChinese = "README.md", "README.zh-CN.md"
	english, chinese := sections(read(inEnglish)), sections(read(inChinese))
	if len(english) < 20 {
		t.Fatalf("only %d sections in %s", len(english), inEnglish)
	}
	if len(english) != len(chinese) {
		t.Errorf("%s has %d sections, %s %d", inEnglish, len(english), inChinese, len(chinese))
	}
	for i := range min(len(english), len(chinese)) {
		en, zh := english[i], chinese[i]
		if en.level != zh.level {
			t.Fatalf("%q is a heading of level %d, %q of level %d: sections are missing, or in another order", en.title, en.level, zh.title, zh.level)
		}
		if len(en.blocks) != len(zh.blocks) {
			t.Errorf("%q has %d blocks of code, %q %d", en.title, len(en.blocks), zh.title, len(zh.blocks))
		}
		for j := range min(len(en.blocks), len(zh.blocks)) {
			if en.blocks[j] != zh.blocks[j] {
				t.Errorf("%q: block %d is\n%s\nin %s, and\n%s\nin %s", en.title, j+1, en.blocks[j], inEnglish, zh.blocks[j], inChinese)
			}
		}
		if len(en.rows) != len(zh.rows) {
			t.Errorf("%q has %d rows in tables, %q %d", en.title, len(en.rows), zh.title, len(zh.rows))
		}
		for j := range min(len(en.rows), len(zh.rows)) {
			if en.rows[j] != zh.rows[j] {
				t.Errorf("%q: row %d has\n%s\nin %s, and\n%s\nin %s", en.title, j+1, en.rows[j], inEnglish, zh.rows[j], inChinese)
			}
		}
		for _, word := range slices.Sorted(maps.Keys(en.words)) {
			if !zh.words[word] {
				t.Errorf("%q: %s is in %s alone", en.title, word, inEnglish)
			}
		}
		for _, word := range slices.Sorted(maps.Keys(zh.words)) {
			if !en.words[word] {
				t.Errorf("%q: %s is in %s alone", en.title, word, inChinese)
			}
		}
	}

	for name, other := range map[string]string{inEnglish: inChinese, inChinese: inEnglish} {
		text := read(name)
		if first, _, _ := strings.Cut(text, "\n"); !strings.Contains(first, "]("+other+")") {
			t.Errorf("%s does not begin with a link to %s", name, other)
		}
		anchors := map[string]bool{}
		for _, section := range sections(text) {
			anchors[anchor(section.title)] = true
		}
		for _, to := range jump.FindAllStringSubmatch(text, -1) {
			if !anchors[to[1]] {
				t.Errorf("%s: no heading for the link to #%s", name, to[1])
			}
		}
		for _, to := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(to[1], "://") {
				continue
			}
			if _, err := os.Stat("../../" + to[1]); err != nil {
				t.Errorf("%s links to nothing: %v", name, err)
			}
		}
	}
}
