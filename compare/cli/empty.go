package cli

import (
	"reflect"

	"github.com/alecthomas/kong"

	"haltscope/compare/fault"
)

// noEmptyValue returns an error if an argument or a flag on the command line has an empty value: an unset shell variable leaves
// one. Taken as not given, it would stand for something else, such as the embedded workload, docker's default signal or no
// expectation. Arguments with the tag empty are passed to a program in a twin, and may be empty.
func noEmptyValue(parsed *kong.Context) error {
	for _, path := range parsed.Path {
		var given *kong.Value
		name := ""
		switch {
		case path.Flag != nil:
			given, name = path.Flag.Value, "--"+path.Flag.Name
		case path.Positional != nil:
			given, name = path.Positional, "<"+path.Positional.Name+">"
		}
		if given == nil || given.Tag.Has("empty") || !hasEmpty(parsed.Value(path)) {
			continue
		}
		return &fault.UsageError{Text: name + " is empty", Next: "is a shell variable unset? See: " +
			parsed.Selected().FullPath() + " --help"}
	}
	return nil
}

// hasEmpty reports whether a value is the empty string, or a list that is empty or has an empty string in it.
func hasEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return v.Len() == 0
	case reflect.Slice:
		for i := range v.Len() {
			if hasEmpty(v.Index(i)) {
				return true
			}
		}
		return v.Len() == 0
	}
	return false
}
