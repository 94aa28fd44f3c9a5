package value

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"nginx: worker · 1 → 2":    "nginx: worker · 1 → 2",
		"日本語 é e\u0301":            "日本語 é e\u0301",
		"a\tb":                     "a b",
		"two\nrun: curl | sh\r\n":  "two␊run: curl | sh␍␊",
		"\x1b]52;c;aGFja2Vk\a":     "␛]52;c;aGFja2Vk␇",
		"\x00\x7f":                 "␀␡",
		"\u009b31m":                "<U+009B>31m",
		"\x9b31m\xff":              "<9B>31m<FF>",
		"\u202egpj.exe\u202c":      "<U+202E>gpj.exe<U+202C>",
		"\u200e\u200f\u061c\u2066": "<U+200E><U+200F><U+061C><U+2066>",
		"a\u200bb\ufeff\u2060":     "a<U+200B>b<U+FEFF><U+2060>",
		"\u2028\u2029\u0085":       "<U+2028><U+2029><U+0085>",
		"\u00a0=x":                 "<U+00A0>=x",
		"\u3164\u034f\ufe0f":       "<U+3164><U+034F><U+FE0F>",
		"\U000e0041":               "<U+E0041>",
		"<U+202E>":                 "<U+202E>",
		"\ufffd":                   "\ufffd",
	} {
		if got := Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, wanted %q", text, got, want)
		}
	}
	long := Clean(strings.Repeat("é", 1<<20))
	if len(long) > MaxText || len(long) < MaxText-30 || !strings.HasSuffix(long, "é… (2097152 bytes)") {
		t.Errorf("%d bytes: …%q", len(long), long[len(long)-40:])
	}
	if got := CleanLines("a\x1b\nb\u202e"); got != "a␛\nb<U+202E>" {
		t.Errorf("%q", got)
	}
}

// FuzzClean checks that Clean returns one bounded line of printable characters for any text, and is idempotent.
func FuzzClean(f *testing.F) {
	for _, seed := range []string{"", "nginx", "\x1b[31m", "a\nb\tc", "\u202e", "\xff\x9b", "\u009b", "\U000e0041"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cleans(t, text)
		cleans(t, strings.Repeat(text, 1000)[:min(1000*len(text), 3*MaxText)])
		if pasted := Paste([]string{text}); !isClean(pasted) {
			t.Errorf("quoted for a shell: %q", pasted)
		}
	})
}

func cleans(t *testing.T, text string) {
	got := Clean(text)
	switch {
	case len(got) > MaxText:
		t.Errorf("%d bytes", len(got))
	case !utf8.ValidString(got):
		t.Errorf("no UTF-8: %q", got)
	case Clean(got) != got:
		t.Errorf("%q, and once more: %q", got, Clean(got))
	}
	for _, r := range got {
		if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) || unicode.Is(unicode.Zs, r) && r != ' ' {
			t.Errorf("%U in %q", r, got)
		}
	}
}

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"docker: no such \x1b[31mimage.\r\n\r\n  See 'docker run --help'.\n": "docker: no such ␛[31mimage. See 'docker run --help'.",
		"": "", "\n \n": "", "one  line": "one  line",
	} {
		if got := OneLine(text); got != want {
			t.Errorf("%q, wanted %q", got, want)
		}
	}
}

func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{{"short", 5, "short"}, {"shorter", 5, "short…"}, {"éé", 3, "é…"}, {"", 0, ""}} {
		if got := Truncate(c.text, c.limit); got != c.want {
			t.Errorf("%q, %d: %q", c.text, c.limit, got)
		}
	}
}
