package output

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"

	"haltscope/compare/value"
)

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
			raw = string(text) // no JSON: nothing that writes here does so
		} else if value.Clean(raw) == raw {
			out.Write(text)
			continue
		}
		clean, _ := marshal(value.Clean(raw))
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
