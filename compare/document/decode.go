package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"haltscope/compare/fault"
	"haltscope/compare/value"
)

// Kinds returns an empty document of each kind that [Decode] reads, by schema.
func Kinds() map[string]Document {
	return map[string]Document{
		CompareSchema: &Compare{},
		InspectSchema: &Inspect{},
		PsSchema:      &Ps{},
		PredictSchema: &Predict{},
		CheckSchema:   &Check{},
		CleanSchema:   &Clean{},
		ReclaimSchema: &Reclaim{},
		ActionSchema:  &Action{},
		DoctorSchema:  &Doctor{},
		WhySchema:     &Why{},
	}
}

// Decode reads a document that [JSON] wrote. Absent values get their reasons back from the notes. The document may come from
// anywhere, so its strings are cleaned: see [value.Clean]. An error about the content is a [fault.UsageError].
func Decode(from io.Reader) (Document, error) {
	data, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	doc, schema, err := emptyFor(data)
	if err != nil {
		return nil, err
	}
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(doc); err != nil {
		return nil, unreadable(fmt.Sprintf("it claims to be %s, but does not match it: %s", schema, jsonError(data, err)),
			"a newer haltscope may have written it; for the version of this one: haltscope --version")
	}
	if notes := reflect.ValueOf(doc).Elem().FieldByName("Notes"); notes.IsValid() { // a Clean has none
		restoreReasons(doc, notes)
	}
	value.CleanStrings(doc)
	if c, ok := doc.(*Compare); ok && !c.complete() {
		return nil, unreadable("it is a comparison without an action, or with an action without a run", "")
	}
	return doc, nil
}

// emptyFor returns an empty document of the schema that the data names.
func emptyFor(data []byte) (doc Document, schema string, err error) {
	var head struct {
		Schema *string `json:"schema"`
	}
	switch err := json.Unmarshal(data, &head); {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, "", unreadable("it is empty", "")
	case err != nil && isLines(data):
		return nil, "", unreadable("it holds JSON lines, like the output of haltscope watch",
			"haltscope report reads what a command writes with --format json")
	case err != nil:
		return nil, "", unreadable("it is not a complete JSON document: "+jsonError(data, err), "")
	case head.Schema == nil:
		return nil, "", unreadable("it has no schema, so haltscope did not write it", "")
	}
	kinds := Kinds()
	if doc, ok := kinds[*head.Schema]; ok {
		return doc, *head.Schema, nil
	}
	var known []string
	name, _, _ := strings.Cut(*head.Schema, "/")
	for s := range kinds {
		if known = append(known, s); strings.HasPrefix(s, name+"/") {
			return nil, "", unreadable(fmt.Sprintf("its schema is %s, but this haltscope reads %s", value.Clean(*head.Schema), s),
				"use the version of haltscope that wrote it")
		}
	}
	slices.Sort(known)
	return nil, "", unreadable(fmt.Sprintf("haltscope has no schema %q", value.Clean(*head.Schema)),
		"haltscope report reads: "+strings.Join(known, ", "))
}

// complete reports whether there is an action, and a run of each.
func (c *Compare) complete() bool {
	return len(c.Arms) > 0 && !slices.ContainsFunc(c.Arms, func(a Arm) bool { return len(a.Runs) == 0 })
}

func unreadable(text, next string) error { return &fault.UsageError{Text: text, Next: next} }

// jsonError returns the text of a decoder's error, with the line in which it occurred.
func jsonError(data []byte, err error) string {
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	text, offset := err.Error(), int64(-1)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &mismatch):
		text, offset = fmt.Sprintf("%s has the wrong type, %s", mismatch.Field, mismatch.Value), mismatch.Offset
	}
	if offset >= 0 && offset <= int64(len(data)) {
		text += fmt.Sprintf(" (line %d)", bytes.Count(data[:offset], []byte("\n"))+1)
	}
	return value.Clean(text)
}

// isLines reports whether the data holds several JSON values, one after the other.
func isLines(data []byte) bool {
	in := json.NewDecoder(bytes.NewReader(data))
	var first, second json.RawMessage
	return in.Decode(&first) == nil && in.Decode(&second) == nil
}
