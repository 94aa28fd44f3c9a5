package figure

import (
	"reflect"
	"sync"
)

// AllWithout returns a T in which each Figure and State is s, in nested structs as well. It allocates only when it is
// first called for a T.
func AllWithout[T any](s State) T {
	t := reflect.TypeFor[T]()
	known, ok := blanks.Load(t)
	if !ok {
		known, _ = blanks.LoadOrStore(t, newBlanks[T]())
	}
	return known.(*[Failed + 1]T)[s]
}

// blanks holds a *[Failed + 1]T for each T, because filling one by reflection allocates.
var blanks sync.Map

func newBlanks[T any]() *[Failed + 1]T {
	var all [Failed + 1]T
	for s := range all {
		fill(reflect.ValueOf(&all[s]).Elem(), State(s))
	}
	return &all
}

// fill sets the figures and states within v, and skips all else.
func fill(v reflect.Value, s State) {
	switch {
	case v.Type() == reflect.TypeFor[Figure]():
		v.Set(reflect.ValueOf(Without(s)))
	case v.Type() == reflect.TypeFor[State]():
		v.Set(reflect.ValueOf(s))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), s)
			}
		}
	}
}
