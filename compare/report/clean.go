package report

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"unicode/utf8"

	"haltscope/dockercli"
)

// Argv is a command line. Its line feeds and tabs stay, for a shell's script needs them: a layout writes it by [Argv.paste].
type Argv []string

// paste writes it so that it can be pasted into a shell, on one line.
func (a Argv) paste() string { return dockercli.Paste(a) }

// shown is the same for a line of prose: cut where it is long.
func (a Argv) shown() string {
	words := []rune(a.paste())
	if len(words) <= 300 {
		return string(words)
	}
	return string(words[:300]) + "…"
}

func (a Argv) clean() {
	for i := range a {
		a[i] = dockercli.CleanLines(a[i])
	}
}

// Clean cleans each text of a document, whatever layout it is for: what containers, Docker and the kernel said cannot move
// a terminal's cursor or begin a line of its own.
func Clean(doc Document) { clean(reflect.ValueOf(doc)) }

// cleaner is a struct that cleans its own texts, as a [Maybe] does.
type cleaner interface{ clean() }

var argvType = reflect.TypeFor[Argv]()

func clean(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(dockercli.Clean(v.String()))
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			clean(v.Elem())
		}
	case reflect.Struct:
		if c, ok := v.Addr().Interface().(cleaner); ok {
			c.clean()
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				clean(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type() == argvType {
			v.Interface().(Argv).clean()
			return
		}
		for i := range v.Len() {
			clean(v.Index(i))
		}
	case reflect.Map:
		entries := v.MapRange()
		cleaned := reflect.MakeMapWithSize(v.Type(), v.Len())
		for entries.Next() {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			key.Set(entries.Key())
			value.Set(entries.Value())
			clean(key)
			clean(value)
			cleaned.SetMapIndex(key, value)
		}
		if v.CanSet() && !v.IsNil() {
			v.Set(cleaned)
		}
	}
}

// clean cleans the value's texts, and the reason's.
func (m *Maybe[T]) clean() {
	m.reason, m.detail = dockercli.Clean(m.reason), dockercli.Clean(m.detail)
	clean(reflect.ValueOf(&m.value).Elem())
}

// LogWriter cleans each text of the lines of JSON that are written to it, one in each write, as zerolog writes them.
func LogWriter(w io.Writer) io.Writer { return logWriter{w} }

type logWriter struct{ io.Writer }

func (l logWriter) Write(line []byte) (int, error) {
	if n, err := l.Writer.Write(cleanJSON(line)); err != nil {
		return min(n, len(line)), err
	}
	return len(line), nil
}

// cleanJSON cleans the strings of a JSON document.
func cleanJSON(line []byte) []byte {
	if !bytes.ContainsFunc(line, func(r rune) bool { return r == '\\' || r >= utf8.RuneSelf }) && len(line) < dockercli.MaxText {
		return line
	}
	var out bytes.Buffer
	for len(line) > 0 {
		begin := bytes.IndexByte(line, '"')
		if begin < 0 {
			break
		}
		end := begin + 1
		for end < len(line) && line[end] != '"' {
			if line[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end+1, len(line))
		out.Write(line[:begin])
		text := line[begin:end]
		line = line[end:]
		var raw string
		if err := json.Unmarshal(text, &raw); err != nil {
			raw = string(text) // no JSON: nothing that writes here does so
		} else if dockercli.Clean(raw) == raw {
			out.Write(text)
			continue
		}
		clean, _ := marshal(dockercli.Clean(raw))
		out.Write(clean)
	}
	out.Write(line)
	return out.Bytes()
}

// marshal is json.Marshal that leaves <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}
