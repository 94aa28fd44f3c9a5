package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/value"
)

// A document that was written and is read again is laid out the same, with the reasons for what is not there, also
// where those of one field differ from element to element.
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

// What is inside a Maybe has reasons, too.
func TestDecodeWithin(t *testing.T) {
	doc := &document.Action{Schema: document.ActionSchema, Containers: []document.ContainerAction{{Verdict: value.Known(document.Verdict{Kind: "paused",
		Because: []document.Observation{{Value: "x", AtMs: value.Absent[float64](value.Failed, "no clock")}}})}}}
	doc.Notes = document.Notes(doc)
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	read, err := document.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	verdict, _ := read.(*document.Action).Containers[0].Verdict.Get()
	if at := verdict.Because[0].AtMs; at.Reason() != value.Failed || at.Detail() != "no clock" {
		t.Errorf("%+v in %s", at, data)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "empty",
		"  ":                                  "empty",
		"nothing":                             "no whole JSON",
		`{"schema": "haltscope.compare/v1", `: "no whole JSON",
		`{"schema": "haltscope.compare/v1"}`:  "without an action",
		`{"schema": "haltscope.compare/v1", "arms": [{"action": "kill"}]}`: "without a run",
		`{"schema": "haltscope.compare/v2"}`:                               "haltscope.compare/v1",
		`{"schema": "somebody.else/v1"}`:                                   "haltscope.inspect/v1",
		`{"schema": 1}`:                                                    "no whole JSON",
		`{}`:                                                               "no schema",
		`[]`:                                                               "no whole JSON",
		`{"schema": "haltscope.ps/v1", "containers": 5}`: "wrong kind",
		`{"schema": "haltscope.ps/v1", "later": 5}`:      "later",
		"{\"message\":\"x\"}\n{\"message\":\"y\"}\n":     "lines",
	} {
		_, err := document.Decode(strings.NewReader(text))
		var usage *fault.UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error()+"; "+fault.Hint(err), want) {
			t.Errorf("%s: %v, wanted a word on %q", text, err, want)
		}
	}
}

// A document may come from anywhere: nothing in it moves the cursor of a terminal.
func TestDecodeCleans(t *testing.T) {
	read, err := document.Decode(strings.NewReader(`{"schema": "haltscope.ps/v1", "containers": [{"name": "a\u001b[2J", "docker": {"state": "", "status": "\u009b1m"},
		"cgroup": {"exists": true, "path": "\u001b]0;"}}], "notes": [{"field": "containers[0].cpu.percent", "reason": "failed", "detail": "\u001b[1m"}]}`))
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

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := document.JSON(&b, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema": "haltscope.inspect/v1", "containers": [{"cgroup": {"exists": true}, "memory": {"ledger": [{"held_by": [{}], "parts": [{}]}]}, "processes": [{}]}]}`))
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
