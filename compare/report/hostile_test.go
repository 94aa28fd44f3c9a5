package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// hostile is text that a container may have anywhere.
const hostile = "x\x1b]52;c;aGFja2Vk\a\nFORGED\u202e\u200f\u061c\u200b\u009b31m\u2028<b>|"

// maybe is a [value.Maybe] of any type.
type maybe interface {
	SetReason(reason value.Reason, detail string)
	Pointer() (any, bool)
	UnmarshalJSON([]byte) error
}

// poison puts hostile text into every string of a document, with or without values in its Maybes.
func poison(v reflect.Value, known bool) {
	if v.CanAddr() {
		if m, ok := v.Addr().Interface().(maybe); ok {
			m.SetReason(hostile, hostile)
			inside, _ := m.Pointer()
			poison(reflect.ValueOf(inside).Elem(), known)
			if !known {
				return
			}
			if data, err := json.Marshal(inside); err != nil || m.UnmarshalJSON(data) != nil {
				panic(err)
			}
			return
		}
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		poison(v.Elem(), known)
	case reflect.Struct:
		for i := range v.NumField() {
			poison(v.Field(i), known)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			poison(v.Index(i), known)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(hostile).Convert(v.Type().Key()), reflect.Zero(v.Type().Elem()))
	}
}

// TestHostileText checks that no format of any document shows hostile text raw, or as a separate line.
func TestHostileText(t *testing.T) {
	for schema, doc := range document.Kinds() {
		for _, known := range []bool{true, false} {
			poison(reflect.ValueOf(doc).Elem(), known)
			value.CleanStrings(doc)
			layouts := map[string]func(*bytes.Buffer) error{
				"json":     func(b *bytes.Buffer) error { return document.JSON(b, doc) },
				"table":    func(b *bytes.Buffer) error { return Table(b, doc, TableOptions{Width: 100}) },
				"markdown": func(b *bytes.Buffer) error { return Markdown(b, doc) },
				"html":     func(b *bytes.Buffer) error { return HTML(b, doc) },
			}
			if check, ok := doc.(*document.Check); ok {
				layouts["junit"] = func(b *bytes.Buffer) error { return JUnit(b, check) }
				layouts["tap"] = func(b *bytes.Buffer) error { return TAP(b, check) }
			}
			for name, layout := range layouts {
				var out bytes.Buffer
				if err := layout(&out); err != nil {
					t.Errorf("%s, %s: %v", schema, name, err)
				}
				if text := out.String(); !strings.Contains(text, "FORGED") || raw(text) {
					t.Errorf("%s, %s, values %v: %q", schema, name, known, text)
				}
				if name != "json" {
					continue
				}
				var values any
				if err := json.Unmarshal(out.Bytes(), &values); err != nil || rawValue(values, false) {
					t.Errorf("%s: %v: %s", schema, err, &out)
				}
			}
		}
	}
}

// raw reports whether a text has an invisible character or a forged line.
func raw(text string) bool {
	return strings.Contains(text, "\nFORGED") || strings.ContainsFunc(text, func(r rune) bool {
		return r != '\n' && unicode.In(r, unicode.C, unicode.Zl, unicode.Zp)
	})
}

// rawValue reports the same for the strings of a JSON document, where only a command line may have line feeds.
func rawValue(v any, argv bool) bool {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if raw(key) || rawValue(value, key == "argv" || key == "command" || key == "invocation") {
				return true
			}
		}
	case []any:
		for _, value := range v {
			if rawValue(value, argv) {
				return true
			}
		}
	case string:
		return raw(v) && !(argv && !raw(strings.ReplaceAll(v, "\n", "")))
	}
	return false
}

// BenchmarkClean cleans the report of ps for 200 containers.
func BenchmarkClean(b *testing.B) {
	p := &document.Ps{Containers: make([]document.PsLine, 200)}
	for i := range p.Containers {
		p.Containers[i] = document.PsLine{Name: "web", ID: strings.Repeat("c0ffee00", 8),
			Docker: document.PsState{State: "running", Status: "Up 3 hours"}, Cgroup: document.PsCgroup{Path: value.Known("/docker/c0ffee")}}
	}
	for b.Loop() {
		value.CleanStrings(p)
	}
}
