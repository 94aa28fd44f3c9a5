// Package figuretest helps to test packages that read kernel files: recorded files, fuzzing, and checks of figures.
package figuretest

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"haltscope/cgroupfs/figure"
)

// Recorded runs a subtest for each recorded state of a container, in the package's testdata/KERNEL/STATE. scripts/record
// makes them.
func Recorded(t *testing.T, test func(t *testing.T, dir string, v2, paused bool)) {
	t.Helper()
	dirs, err := filepath.Glob("testdata/linux-*/*")
	if err != nil || len(dirs) < 6 {
		t.Fatalf("only %d recorded states: run scripts/record (%v)", len(dirs), err)
	}
	for _, dir := range dirs {
		t.Run(strings.TrimPrefix(dir, "testdata/"), func(t *testing.T) {
			test(t, dir, strings.Contains(dir, "cgroup-v2"), filepath.Base(dir) == "paused")
		})
	}
}

// Read reads a recorded file.
func Read(t testing.TB, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// All lists the figures in v and in the structs and slices within it, by their path.
func All(v any) map[string]figure.Figure {
	all := map[string]figure.Figure{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[figure.Figure]():
			all[path] = v.Interface().(figure.Figure)
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				walk(path, v.Index(i))
			}
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(path+"."+v.Type().Field(i).Name, v.Field(i))
				}
			}
		}
	}
	walk("", reflect.ValueOf(v))
	return all
}

// Seed adds to a fuzz target the package's recorded files with these names, and text that no kernel writes.
func Seed(f *testing.F, names ...string) {
	f.Helper()
	for _, name := range names {
		SeedFiles(f, filepath.Join("testdata/linux-*/*", name))
	}
	for _, text := range []string{
		"", "\n", " ", "anon 99999999999999999999\nanon\n\n \nx", "max", "-1", "0 0", "\x00\xff", "a: 1 kB\nb:", "1-2,", "1:2 a=b",
		"frozen_usec 3600125\n",
	} {
		f.Add([]byte(text))
	}
}

// SeedFiles adds to a fuzz target the files that match a pattern, and the first half of each.
func SeedFiles(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		f.Errorf("%s was not recorded (%v)", pattern, err)
	}
	for _, file := range files {
		data := Read(f, ".", file)
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
}

// Check fails if a figure in parsed was not measured, or if its number is not in data: as it is, in KiB, or in hundredths.
func Check(t *testing.T, data []byte, parsed any) {
	t.Helper()
	for path, f := range All(parsed) {
		v, ok := f.Value()
		if f.State() == figure.NotMeasured || ok != (f.State() == figure.Present) {
			t.Errorf("%s is %s", path, f)
		}
		whole := strconv.FormatUint(v, 10)
		hundredths := strconv.FormatUint(v/100, 10) + "." + strconv.FormatUint(v%100+100, 10)[1:]
		kib := strconv.FormatUint(v>>10, 10) + " kB"
		contained := func(text string) bool { return bytes.Contains(data, []byte(text)) }
		if ok && !slices.ContainsFunc([]string{whole, hundredths, kib}, contained) {
			t.Errorf("%s is %d, which is not in %q", path, v, data)
		}
	}
}

// Fuzz fuzzes a parser that returns figures, alone or in structs and slices. See [Seed] for the names.
func Fuzz[T any](f *testing.F, parse func([]byte) T, names ...string) {
	Seed(f, names...)
	f.Fuzz(func(t *testing.T, data []byte) { Check(t, data, parse(data)) })
}
