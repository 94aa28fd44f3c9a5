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
	}
}

// Decode reads a document that was written as JSON before, so that it can be laid out again. What it says of itself is
// not trusted: text that could move a terminal's cursor is made harmless.
func Decode(from io.Reader) (Document, error) {
	data, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	var head struct {
		Schema *string `json:"schema"`
	}
	switch err := json.Unmarshal(data, &head); {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, unreadable("it is empty", "")
	case err != nil && isLines(data):
		return nil, unreadable("it is a list of lines, such as haltscope watch writes", "what can be laid out again is a document of --format json")
	case err != nil:
		return nil, unreadable("it is no whole JSON document: "+where(data, err), "")
	case head.Schema == nil:
		return nil, unreadable("it has no schema: haltscope did not write it", "")
	}
	doc, err := empty(*head.Schema)
	if err != nil {
		return nil, err
	}
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(doc); err != nil {
		return nil, unreadable(fmt.Sprintf("it says that it is %s, and is not as this haltscope knows that: %s", *head.Schema, where(data, err)),
			"a later haltscope may have written it: haltscope --version")
	}
	if notes := reflect.ValueOf(doc).Elem().FieldByName("Notes"); notes.IsValid() {
		restore(doc, notes.Interface().([]Note))
	}
	value.CleanStrings(doc)
	if c, ok := doc.(*Compare); ok && !c.whole() {
		return nil, unreadable("it is a comparison without an action, or of an action without a run", "")
	}
	return doc, nil
}

// whole reports whether there is a run of each action, and an action.
func (c *Compare) whole() bool {
	return len(c.Arms) > 0 && !slices.ContainsFunc(c.Arms, func(a Arm) bool { return len(a.Runs) == 0 })
}

// empty is the document of a schema, to be read into.
func empty(schema string) (Document, error) {
	kinds := Kinds()
	if doc, ok := kinds[schema]; ok {
		return doc, nil
	}
	var known []string
	name, version, _ := strings.Cut(schema, "/")
	for s := range kinds {
		if known = append(known, s); strings.HasPrefix(s, name+"/") {
			return nil, unreadable(fmt.Sprintf("its schema is %s, of another version than this haltscope reads, %s", value.Clean(schema), s),
				"a haltscope that knows version "+value.Clean(version)+" can read it: haltscope --version")
		}
	}
	slices.Sort(known)
	return nil, unreadable(fmt.Sprintf("its schema is %q", value.Clean(schema)), "what can be laid out again: "+strings.Join(known, ", "))
}

func unreadable(what, next string) error {
	return &fault.UsageError{Text: what, Next: next}
}

// where says what is wrong with the JSON, and in which line.
func where(data []byte, err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	at := int64(-1)
	text := strings.TrimPrefix(err.Error(), "json: ")
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at, text = kind.Offset, fmt.Sprintf("%s of the wrong kind at %s", kind.Value, kind.Field)
	}
	if at >= 0 && at <= int64(len(data)) {
		text += fmt.Sprintf(" (line %d)", bytes.Count(data[:at], []byte("\n"))+1)
	}
	return value.Clean(text)
}

// isLines reports whether there are several JSON values, one behind the other.
func isLines(data []byte) bool {
	in := json.NewDecoder(bytes.NewReader(data))
	var first, second json.RawMessage
	return in.Decode(&first) == nil && in.Decode(&second) == nil
}
