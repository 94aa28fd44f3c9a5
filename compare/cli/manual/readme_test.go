package manual

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// A section of a Markdown file, from one heading to the next: what must be the same in every language.
type section struct {
	title string
	level int
	// blocks are commands and what they print, without the comments after #.
	blocks []string
	// rows are the code in each row of the tables: that of the first column in its order, and that of the whole row, sorted.
	rows []string
	// words are all code outside of the blocks.
	words map[string]bool
}

var (
	comment = regexp.MustCompile(`\s+# .*`)
	inline  = regexp.MustCompile("`[^`]+`")
	space   = regexp.MustCompile(`\s+`)
)

// sections splits a Markdown file into its sections.
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

// anchor returns the anchor that GitHub gives a heading.
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

// TestReadmes checks that the Chinese README has the sections of the English one, with the same commands, output, flags and
// keys, so that a change to one of the two is not forgotten in the other. Both are short.
func TestReadmes(t *testing.T) {
	const root, inEnglish, inChinese = "../../../", "README.md", "README.zh-CN.md"
	read := func(name string) string {
		data, err := os.ReadFile(root + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	english, chinese := sections(read(inEnglish)), sections(read(inChinese))
	if len(english) < 8 {
		t.Fatalf("only %d sections in %s", len(english), inEnglish)
	}
	if len(english) != len(chinese) {
		t.Errorf("%s has %d sections, %s %d", inEnglish, len(english), inChinese, len(chinese))
	}
	for i := range min(len(english), len(chinese)) {
		en, zh := english[i], chinese[i]
		if en.level != zh.level {
			t.Fatalf("%q is a heading of level %d, %q of level %d: sections are missing, or in another order",
				en.title, en.level, zh.title, zh.level)
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
		if n := strings.Count(text, "\n"); n > 220 {
			t.Errorf("%s has %d lines: what is not for a first visit belongs in a manual page", name, n)
		}
		checkLinks(t, root, name, text)
	}
}
