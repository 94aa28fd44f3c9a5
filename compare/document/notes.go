package document

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"haltscope/compare/value"
)

// Note says why a field of the document is null.
type Note struct {
	Field  string       `json:"field"` // such as "arms[0].runs[0].memory.after_bytes"; "[]" means each element in which it is null
	Reason value.Reason `json:"reason"`
	Detail string       `json:"detail"`
}

// Notes returns a note for each absent value of a document, in the document's order. The document is a pointer. Elements of
// long lists, such as events and samples, share one note if they lack a field for the same reason; otherwise each has its
// own, by index, so that [Decode] restores every reason.
func Notes(document any) []Note {
	type absence struct {
		exact, folded string
		Note
	}
	var all []absence
	distinct := map[string]map[Note]bool{} // by folded path
	walk(reflect.ValueOf(document), path{}, func(at path, m reflect.Value) {
		reason, detail, missing := m.Interface().(maybe).Missing()
		if !missing {
			return
		}
		note := Note{Reason: reason, Detail: detail}
		if distinct[at.folded] == nil {
			distinct[at.folded] = map[Note]bool{}
		}
		distinct[at.folded][note] = true
		all = append(all, absence{at.exact, at.folded, note})
	})
	notes, noted := []Note{}, map[string]bool{}
	for _, a := range all {
		a.Field = a.folded
		if len(distinct[a.folded]) > 1 {
			a.Field = a.exact
		}
		if !noted[a.Field] {
			notes, noted[a.Field] = append(notes, a.Note), true
		}
	}
	return notes
}

// restoreReasons sets the reason of each absent value from the notes, which are a []Note.
func restoreReasons(document any, notes reflect.Value) {
	byField := map[string]Note{}
	for _, n := range notes.Interface().([]Note) {
		byField[n.Field] = n
	}
	walk(reflect.ValueOf(document), path{}, func(at path, m reflect.Value) {
		n, ok := byField[at.exact]
		if !ok {
			n, ok = byField[at.folded]
		}
		if ok && m.CanAddr() {
			m.Addr().Interface().(settable).SetReason(n.Reason, n.Detail)
		}
	})
}

// maybe is a [value.Maybe] of any type.
type maybe interface {
	Missing() (reason value.Reason, detail string, missing bool)
}

// settable is a pointer to a [value.Maybe] of any type.
type settable interface {
	SetReason(reason value.Reason, detail string)
	Pointer() (value any, ok bool)
}

// indexed are the element types whose notes always name the index.
var indexed = []reflect.Type{reflect.TypeFor[Arm](), reflect.TypeFor[Run](), reflect.TypeFor[Inspected](), reflect.TypeFor[PsLine](),
	reflect.TypeFor[Reclaimed](), reflect.TypeFor[Proof](), reflect.TypeFor[ContainerAction](),
	reflect.TypeFor[WhyContainer](), reflect.TypeFor[WhyRun]()}

// path locates a field. The exact path has the index of each element; the folded one has "[]" where notes are shared.
type path struct{ exact, folded string }

func (p path) field(name string) path {
	if p.exact != "" {
		name = "." + name
	}
	return path{p.exact + name, p.folded + name}
}

func (p path) element(i int, of reflect.Type) path {
	index := fmt.Sprintf("[%d]", i)
	if slices.Contains(indexed, of) {
		return path{p.exact + index, p.folded + index}
	}
	return path{p.exact + index, p.folded + "[]"}
}

// walk visits each Maybe of a document, also those within the value of another.
func walk(v reflect.Value, at path, visit func(path, reflect.Value)) {
	if _, ok := v.Interface().(maybe); ok {
		visit(at, v)
		if v.CanAddr() {
			if inner, ok := v.Addr().Interface().(settable).Pointer(); ok {
				walk(reflect.ValueOf(inner), at, visit)
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), at, visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); name != "" && name != "-" {
				walk(v.Field(i), at.field(name), visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), at.element(i, v.Type().Elem()), visit)
		}
	}
}
