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
	if all := help("--help"); strings.Count(all, "\n  ") < 20 {
		t.Errorf("all: %s", all)
	}
}
