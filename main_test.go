package main

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// TestGrammarOfOne: the help of a command is the same whether the whole grammar is made or its part alone.
func TestGrammarOfOne(t *testing.T) {
	help := func(args ...string) string {
		var stdout, stderr bytes.Buffer
		if code := run(append([]string{"haltscope"}, args...), &stdout, &stderr); code != exitDone {
			t.Fatalf("%v: exit code %d: %s", args, code, &stderr)
		}
		return stdout.String()
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[commands]()) {
		name := strings.ToLower(f.Name)
		alone, whole := help(name, "--help"), help("--color", "auto", name, "--help")
		if alone != whole || !strings.HasPrefix(alone, "Usage: haltscope "+name) {
			t.Errorf("%s: %s\nof the whole grammar:\n%s", name, alone, whole)
		}
	}
	plain := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	all, manual := plain(help("--help")), help("man")
	for _, f := range reflect.VisibleFields(reflect.TypeFor[commands]()) {
		_, hidden := f.Tag.Lookup("hidden")
		if hidden == strings.Contains(all, plain(f.Tag.Get("help"))) || hidden == strings.Contains(manual, "haltscope "+strings.ToLower(f.Name)) {
			t.Errorf("%s: hidden %v, in\n%s\n%s", f.Name, hidden, all, manual)
		}
	}
}
