package report

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

func checked() *document.Check {
	return &document.Check{Schema: document.CheckSchema, Image: "my/app <1>", Pass: value.Known(false), Why: `it ignores "TERM"`,
		Fix: []string{"handle & end"},
		Expectations: []document.Expectation{{Name: "exit-code", Want: "0", Got: "0", Pass: value.Known(true)},
			{Name: "graceful", Want: "graceful", Got: "forced", Pass: value.Known(false)},
			{Name: "no-orphans", Want: "none", Got: "not known", Pass: value.Absent[bool](value.Unsupported, "an old kernel")}},
		Run: document.Run{Verdict: document.Verdict{Kind: "forced"}, Timing: document.Timing{EffectMs: value.Known(1050.0)},
			State: document.State{ExitCode: value.Known(137)}}}
}

func TestJUnit(t *testing.T) {
	var out bytes.Buffer
	if err := JUnit(&out, checked()); err != nil {
		t.Fatal(err)
	}
	var read junitSuites
	if err := xml.Unmarshal(out.Bytes(), &read); err != nil {
		t.Fatalf("%v: %s", err, &out)
	}
	s := read.Suite
	if s.Tests != 3 || s.Failures != 1 || s.Errors != 1 || s.Name != "haltscope check my/app <1>" || s.Cases[1].Failure == nil ||
		s.Cases[2].Error == nil || s.Cases[0].Failure != nil {
		t.Errorf("%+v", s)
	}
	if !strings.Contains(s.Cases[1].Failure.Text, "fix: handle & end") {
		t.Errorf("%+v", s.Cases[1].Failure)
	}
	if e := s.Cases[2].Error; e.Message != "could not tell whether it was met: an old kernel" || e.Text != "got not known" {
		t.Errorf("%+v", e)
	}
}

// TestCheckUnknown checks that every layout says why an expectation is unknown, even if only the kind of reason is known.
func TestCheckUnknown(t *testing.T) {
	doc := checked()
	doc.Expectations = append(doc.Expectations, document.Expectation{Name: "no-sigkill", Want: "none", Got: "137",
		Pass: value.Absent[bool](value.NotMeasured, "")})
	for name, lay := range map[string]func(*bytes.Buffer) error{
		"table":    func(b *bytes.Buffer) error { return Table(b, doc, TableOptions{}) },
		"markdown": func(b *bytes.Buffer) error { return Markdown(b, doc) },
		"html":     func(b *bytes.Buffer) error { return HTML(b, doc) },
		"junit":    func(b *bytes.Buffer) error { return JUnit(b, doc) },
		"tap":      func(b *bytes.Buffer) error { return TAP(b, doc) },
	} {
		var out bytes.Buffer
		if err := lay(&out); err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(out.String(), `\-`, "-")
		for _, want := range []string{"an old kernel", "not-measured"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", name, want, text)
			}
		}
	}
}

func TestTAP(t *testing.T) {
	var out bytes.Buffer
	if err := TAP(&out, checked()); err != nil {
		t.Fatal(err)
	}
	want := `TAP version 13
1..3
ok 1 - exit-code: 0
not ok 2 - graceful: graceful
  ---
  got: "forced"
  why: "it ignores \"TERM\""
  fix:
    - "handle & end"
  ...
not ok 3 - no-orphans: none
  ---
  got: "not known"
  unknown: "an old kernel"
  ...
`
	if out.String() != want {
		t.Errorf("%s", &out)
	}
}

// TestCheckTable checks that the result comes first, then why and how to fix it, and then each expectation.
func TestCheckTable(t *testing.T) {
	doc := checked()
	doc.Warnings = []string{"it is young: `wait`"}
	checkTable(t, doc, `my/app <1>  check failed: 1 of 3 expectations not met
  docker stop: forced after 1.05 s, exit code 137; unsaved data lost
  it ignores "TERM"
  fix:    handle & end
  note:   it is young: `+"`wait`"+`

expectation  want      got
────────────────────────────────────────
exit-code    0         0          met
graceful     graceful  forced     not met
no-orphans   none      not known  unknown

Why unknown
  no-orphans: an old kernel
`)
	for want, pass := range map[string]value.Maybe[bool]{
		"check passed: 3 expectations met":                                   value.Known(true),
		"check undecided: 3 of 3 expectations could not be judged\n  docker": value.Absent[bool](value.Failed, "no answer")} {
		for i := range doc.Expectations {
			doc.Expectations[i].Pass = pass
		}
		var out bytes.Buffer
		if err := Table(&out, doc, TableOptions{}); err != nil || !strings.HasPrefix(out.String(), "my/app <1>  "+want) {
			t.Errorf("%v: no %q in\n%s", err, want, &out)
		}
	}
}
