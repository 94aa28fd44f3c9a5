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
	Field  string       `json:"field"` // "arms[0].runs[0].memory.after_bytes"; "[]" stands for each element in which it is null
	Reason value.Reason `json:"reason"`
	Detail string       `json:"detail"`
}

// Notes walks a document, which is a pointer, and notes each Maybe that has no value, in the document's order. Of events, samples and the like
// there are many, each without the same: one note tells of all of them. Where they lack it for different reasons, each
// has a note of its own, by its index, so that nothing is lost in a document that is read again.
func Notes(document any) []Note {
	type lack struct {
		exact, folded string
		Note
	}
	var all []lack
	reasons := map[string]map[Note]bool{} // by folded path
	walk(reflect.ValueOf(document), place{}, func(at place, m reflect.Value) {
		reason, detail, missing := m.Interface().(maybe).Missing()
		if !missing {
			return
		}
		l := lack{at.exact, at.folded, Note{"", reason, detail}}
		if reasons[l.folded] == nil {
			reasons[l.folded] = map[Note]bool{}
		}
		reasons[l.folded][l.Note] = true
		all = append(all, l)
	})
	notes, noted := []Note{}, map[string]bool{}
	for _, l := range all {
		l.Field = l.folded
		if len(reasons[l.folded]) > 1 {
			l.Field = l.exact
		}
		if !noted[l.Field] {
			notes, noted[l.Field] = append(notes, l.Note), true
		}
	}
	return notes
}

// restore gives each Maybe without a value the reason that the notes tell.
func restore(document any, notes []Note) {
	told := map[string]Note{}
	for _, n := range notes {
		told[n.Field] = n
	}
	walk(reflect.ValueOf(document), place{}, func(at place, m reflect.Value) {
		n, ok := told[at.exact]
		if !ok {
			n, ok = told[at.folded]
		}
		if ok && m.CanAddr() {
			m.Addr().Interface().(lacking).SetReason(n.Reason, n.Detail)
		}
	})
}

// maybe is a [value.Maybe] of any type, and lacking is one that can be given the reason why it has no value.
type maybe interface {
	Missing() (reason value.Reason, detail string, missing bool)
}

type lacking interface {
	SetReason(reason value.Reason, detail string)
	Inside() (value any, ok bool)
}

// numbered are the elements that a note always names by their index.
var numbered = []reflect.Type{reflect.TypeFor[Arm](), reflect.TypeFor[Run](), reflect.TypeFor[Inspected](), reflect.TypeFor[PsLine](), reflect.TypeFor[Reclaimed](), reflect.TypeFor[Proof](), reflect.TypeFor[ContainerAction]()}

// place is where a field is, with the index of each element, and with "[]" for those of which there are many.
type place struct{ exact, folded string }

func (p place) field(name string) place {
	if p.exact != "" {
		name = "." + name
	}
	return place{p.exact + name, p.folded + name}
}

func (p place) element(i int, of reflect.Type) place {
	index := fmt.Sprintf("[%d]", i)
	if slices.Contains(numbered, of) {
		return place{p.exact + index, p.folded + index}
	}
	return place{p.exact + index, p.folded + "[]"}
}

// walk visits each Maybe of a document, and what is in it.
func walk(v reflect.Value, at place, visit func(place, reflect.Value)) {
	if _, ok := v.Interface().(maybe); ok {
		visit(at, v)
		if v.CanAddr() {
			if inner, ok := v.Addr().Interface().(lacking).Inside(); ok {
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
