package cgroupfs

import "reflect"

// Gone is what there is to read of a cgroup that is not there: each figure has vanished.
func Gone() (r Reading, d Details) {
	vanish(reflect.ValueOf(&r).Elem())
	vanish(reflect.ValueOf(&d).Elem())
	return r, d
}

// vanish sets all figures and states within a struct.
func vanish(v reflect.Value) {
	switch v.Interface().(type) {
	case Figure:
		v.Set(reflect.ValueOf(Without(Vanished)))
		return
	case State:
		v.Set(reflect.ValueOf(Vanished))
		return
	}
	for i := range v.NumField() {
		if f := v.Field(i); v.Type().Field(i).IsExported() && (f.Kind() == reflect.Struct || f.Type() == reflect.TypeFor[State]()) {
			vanish(f)
		}
	}
}
