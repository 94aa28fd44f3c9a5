package value

import "reflect"

// CleanStrings applies [Clean] to every string reachable from the pointer v, so that no text from a container, Docker or
// the kernel can move the cursor of a terminal or start a line.
func CleanStrings(v any) { cleanStrings(reflect.ValueOf(v)) }

// cleaner is a struct that cleans its own strings, such as [Maybe].
type cleaner interface{ Clean() }

var argvType = reflect.TypeFor[Argv]()

func cleanStrings(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(Clean(v.String()))
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			cleanStrings(v.Elem())
		}
	case reflect.Struct:
		if c, ok := v.Addr().Interface().(cleaner); ok {
			c.Clean()
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				cleanStrings(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type() == argvType {
			v.Interface().(Argv).Clean()
			return
		}
		for i := range v.Len() {
			cleanStrings(v.Index(i))
		}
	case reflect.Map:
		entries := v.MapRange()
		cleaned := reflect.MakeMapWithSize(v.Type(), v.Len())
		for entries.Next() {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			key.Set(entries.Key())
			value.Set(entries.Value())
			cleanStrings(key)
			cleanStrings(value)
			cleaned.SetMapIndex(key, value)
		}
		if v.CanSet() && !v.IsNil() {
			v.Set(cleaned)
		}
	}
}
