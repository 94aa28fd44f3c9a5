package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// TestDecode checks that a document that was written and read again has the same layouts and the same reasons for absent
// values, even if the reasons of one field differ between elements.
func TestDecode(t *testing.T) {
	doc := sample()
	doc.Arms[1].Runs[0].Memory.Ledger = append(doc.Arms[1].Runs[0].Memory.Ledger, document.LedgerRow{Kind: "file", Group: "file",
		BeforeBytes: value.Absent[int64](value.Denied, "no"), Bytes: value.Absent[int64](value.Vanished, "the cgroup is gone")})
	doc.Arms[1].Runs[0].Verdict.Because = []document.Observation{{Value: "x"}, {Value: "y"}}
	doc.Notes = document.Notes(doc)
	var written, again bytes.Buffer
	if err := document.JSON(&written, doc); err != nil {
		t.Fatal(err)
	}
	read, err := document.Decode(bytes.NewReader(written.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := document.JSON(&again, read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(written.String(), again.String()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(document.Notes(doc), document.Notes(read)); diff != "" {
		t.Error(diff)
	}
	for name, lay := range map[string]func(*bytes.Buffer, document.Document) error{
		"table":    func(b *bytes.Buffer, d document.Document) error { return Table(b, d, TableOptions{}) },
		"markdown": func(b *bytes.Buffer, d document.Document) error { return Markdown(b, d) },
		"html":     func(b *bytes.Buffer, d document.Document) error { return HTML(b, d) },
	} {
		var first, second bytes.Buffer
		if err := errors.Join(lay(&first, doc), lay(&second, read)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first.String(), second.String()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestDecodeCleans checks that nothing in a document moves the cursor of a terminal.
func TestDecodeCleans(t *testing.T) {
	read, err := document.Decode(strings.NewReader(`{"schema": "haltscope.ps/v1", "containers": [
		{"name": "a\u001b[2J", "docker": {"state": "", "status": "\u009b1m"},
		"cgroup": {"exists": true, "path": "\u001b]0;"}}
	], "notes": [{"field": "containers[0].cpu.percent", "reason": "failed", "detail": "\u001b[1m"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Table(&out, read, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\u009b") {
		t.Errorf("%q", out.String())
	}
}

// FuzzDecode checks that every document that Decode accepts can be rendered.
func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := document.JSON(&b, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema": "haltscope.inspect/v1", "containers": [{"cgroup": {"exists": true}, "memory": {"ledger": [{"held_by": [{}], ` +
		`"parts": [{}]}]}, "processes": [{}]}]}`))
	f.Add([]byte(`{"schema": "haltscope.action/v1", "containers": [{"verdict": {"because": [{}]}}]}`))
	f.Add([]byte(`{"schema": "haltscope.check/v1", "expectations": [{}], "run": {}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := document.Decode(bytes.NewReader(data))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := errors.Join(Table(&out, doc, TableOptions{Width: 80}), Markdown(&out, doc), HTML(&out, doc)); err != nil {
			t.Error(err)
		}
		if raw(out.String()) {
			t.Errorf("%q", out.String())
		}
	})
}
