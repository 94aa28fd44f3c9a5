package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"haltscope/compare/fault"
	"haltscope/compare/value"
)

// TestDecodeNested checks that an absent value within the value of another gets its reason back.
func TestDecodeNested(t *testing.T) {
	doc := &Action{Schema: ActionSchema, Containers: []ContainerAction{{Verdict: value.Known(Verdict{Kind: "paused",
		Because: []Observation{{Value: "x", AtMs: value.Absent[float64](value.Failed, "no clock")}}})}}}
	doc.Notes = Notes(doc)
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	read, err := Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	verdict, _ := read.(*Action).Containers[0].Verdict.Get()
	if at := verdict.Because[0].AtMs; at.Reason() != value.Failed || at.Detail() != "no clock" {
		t.Errorf("%+v in %s", at, data)
	}
}

// TestDecodeKinds checks that a document of each kind is read again, with or without notes.
func TestDecodeKinds(t *testing.T) {
	for schema, doc := range Kinds() {
		var written bytes.Buffer
		if err := JSON(&written, doc); err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(written.String(), `"schema": ""`, `"schema": "`+schema+`"`, 1)
		if _, err := Decode(strings.NewReader(text)); err != nil && schema != CompareSchema { // which has to have an action
			t.Errorf("%s: %v", schema, err)
		}
	}
}

// TestDecodeRefuses checks that an error says what is wrong with a file.
func TestDecodeRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "empty",
		"  ":                                  "empty",
		"nothing":                             "not a complete JSON",
		`{"schema": "haltscope.compare/v1", `: "not a complete JSON",
		`{"schema": "haltscope.compare/v1"}`:  "without an action",
		`{"schema": "haltscope.compare/v1", "arms": [{"action": "kill"}]}`: "without a run",
		`{"schema": "haltscope.compare/v2"}`:                               "haltscope.compare/v1",
		`{"schema": "somebody.else/v1"}`:                                   "haltscope.inspect/v1",
		`{"schema": 1}`:                                                    "not a complete JSON",
		`{}`:                                                               "no schema",
		`[]`:                                                               "not a complete JSON",
		`{"schema": "haltscope.ps/v1", "containers": 5}`: "containers has the wrong type",
		`{"schema": "haltscope.ps/v1", "later": 5}`:      "later",
		"{\"message\":\"x\"}\n{\"message\":\"y\"}\n":     "lines",
	} {
		_, err := Decode(strings.NewReader(text))
		var usage *fault.UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error()+"; "+fault.Hint(err), want) {
			t.Errorf("%s: %v, wanted %q", text, err, want)
		}
	}
}

// TestDecodeOrigin checks that where and when a report was made stays as it was, also in a report without it.
func TestDecodeOrigin(t *testing.T) {
	for text, want := range map[string]Origin{
		`{"schema": "haltscope.ps/v1", "host": {"hostname": "db1", "haltscope_version": "1.2.3", "reported_at": "2026-01-02T03:04:05Z"}}`: {
			Hostname: "db1", HaltscopeVersion: "1.2.3", ReportedAt: "2026-01-02T03:04:05Z"},
		`{"schema": "haltscope.ps/v1", "host": {"engine": "docker", "hostname": null}}`: {},
		`{"schema": "haltscope.ps/v1"}`: {},
	} {
		doc, err := Decode(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := *doc.From(); got != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
}
