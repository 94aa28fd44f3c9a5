package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
)

// fixture is what a test of the rules of prediction reads.
type fixture struct {
	Engine   string
	Kernel   string
	Cgroup   int
	GraceMs  int64
	Subjects []recorded
}

// recorded is one container.
type recorded struct {
	Name      string
	Observed  verdict.Kind
	ExitCode  int
	AfterMs   int64
	Predicted string `json:"-"` // the test predicts again
	Facts     any
}

// write writes one line for each subject, so that a difference between two recordings can be read.
func (f fixture) write(file string) error {
	var out bytes.Buffer
	subjects := f.Subjects
	f.Subjects = nil
	head, err := json.Marshal(f)
	if err != nil {
		return err
	}
	out.Write(bytes.TrimSuffix(head, []byte("null}")))
	for i, s := range subjects {
		line, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		separator := ",\n"
		if i == 0 {
			separator = "[\n"
		}
		out.WriteString(separator)
		out.Write(line)
	}
	out.WriteString("\n]}\n")
	return os.WriteFile(file, out.Bytes(), 0o644)
}

// compact returns facts for JSON, without what is zero. Of threads that wait alike, it keeps one.
func compact(f prediction.Facts) any {
	// What a stop does not depend on is left out.
	f.Unsignaled, f.DirtyBytes, f.ShmemBytes = nil, nil, nil
	f.SignalFrom, f.SignalText, f.GraceFrom, f.RestartPolicy = "", "", "", ""
	f.StopSignalSet, f.ConfiguredSignal = false, 0
	alike := func(p *prediction.Process) {
		seen := map[string]bool{}
		var kept []proc.Thread
		for _, t := range p.Threads {
			t.TID, t.Call = 0, proc.Syscall{}
			key, _ := json.Marshal(t) // of numbers only
			if !seen[string(key)] {
				seen[string(key)] = true
				kept = append(kept, t)
			}
		}
		p.Threads = kept
	}
	alike(&f.Target.First)
	if f.Target.Child != nil {
		child := *f.Target.Child
		alike(&child)
		f.Target.Child = &child
	}
	return nonZero(reflect.ValueOf(f))
}

// nonZero returns a value as JSON's maps, lists and numbers. A struct lacks its fields that are zero; what a pointer points to
// is kept even if that is.
func nonZero(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return nonZero(v.Elem())
	case reflect.Struct:
		all := map[string]any{}
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && !v.Field(i).IsZero() {
				all[field.Name] = nonZero(v.Field(i))
			}
		}
		return all
	case reflect.Slice:
		all := []any{}
		for i := range v.Len() {
			all = append(all, nonZero(v.Index(i)))
		}
		return all
	}
	return v.Interface()
}
