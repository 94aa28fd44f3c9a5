package output

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"

	"haltscope/compare/value"
)

// LogWriter returns a writer that cleans the strings in JSON lines: see [value.Clean]. Each write is one line, as zerolog does.
func LogWriter(w io.Writer) io.Writer { return logWriter{w} }

type logWriter struct{ io.Writer }

func (l logWriter) Write(line []byte) (int, error) {
	if n, err := l.Writer.Write(cleanJSON(line)); err != nil {
		return min(n, len(line)), err
	}
	return len(line), nil
}

// cleanJSON cleans the strings in a JSON line.
func cleanJSON(line []byte) []byte {
	if !bytes.ContainsFunc(line, func(r rune) bool { return r == '\\' || r >= utf8.RuneSelf }) && len(line) < value.MaxText {
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
			raw = string(text) // not JSON, which nothing writes here
		} else if value.Clean(raw) == raw {
			out.Write(text)
			continue
		}
		out.Write(quote(value.Clean(raw)))
	}
	out.Write(line)
	return out.Bytes()
}

// quote returns a JSON string. Unlike json.Marshal it leaves <, > and & as they are.
func quote(text string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return []byte(`""`)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
