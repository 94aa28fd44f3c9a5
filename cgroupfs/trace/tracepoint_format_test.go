package trace

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"haltscope/cgroupfs/figure"
)

func recordedFormat(t testing.TB, name string) format {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	f, err := parseFormat(data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestParseFormat(t *testing.T) {
	f := recordedFormat(t, "signal_generate-6.18.format")
	if f.id != 261 || f.fields["sig"] != (field{8, 4}) || f.fields["comm"] != (field{20, 16}) || f.fields["result"] != (field{44, 4}) {
		t.Errorf("%+v", f)
	}
	if err := f.need(generateFields); err != nil {
		t.Error(err)
	}
	if f.length() != 48 {
		t.Errorf("%d bytes", f.length())
	}
	var unsupported *UnsupportedError
	if err := recordedFormat(t, "mark_victim-6.18.format").need(generateFields); !errors.As(err, &unsupported) || !errors.Is(err, errNoField) {
		t.Errorf("another tracepoint: %v", err)
	}
	if f := recordedFormat(t, "cgroup_freeze-6.18.format"); f.id != 540 || f.fields["path"] != (field{24, 4}) {
		t.Errorf("%+v", f)
	}
}

// The offsets are the file's, whatever they were on other kernels.
func TestFormatMoved(t *testing.T) {
	data, err := os.ReadFile("testdata/signal_generate-6.18.format")
	if err != nil {
		t.Fatal(err)
	}
	f, err := parseFormat([]byte(strings.Replace(string(data), "offset:36", "offset:48", 1)))
	if err != nil || f.fields["pid"] != (field{48, 4}) || f.length() != 52 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestParseFormatMalformed(t *testing.T) {
	const one = "\tfield:int sig;\toffset:8;\tsize:4;\tsigned:1;\n"
	for name, text := range map[string]string{
		"empty":           "",
		"no id":           "name: x\n" + one,
		"id 0":            "ID: 0\n" + one,
		"an id of words":  "ID: many\n" + one,
		"no offset":       "ID: 1\n\tfield:int sig;\tsize:4;\n",
		"no size":         "ID: 1\n\tfield:int sig;\toffset:8;\n",
		"cut":             "ID: 1\n\tfield:int sig;\toffset:8;\tsize:4",
		"no name":         "ID: 1\n\tfield:int;\toffset:8;\tsize:4;\n",
		"an empty name":   "ID: 1\n\tfield:char [4];\toffset:8;\tsize:4;\n",
		"negative":        "ID: 1\n\tfield:int sig;\toffset:-8;\tsize:4;\n",
		"too far":         "ID: 1\n\tfield:int sig;\toffset:99999;\tsize:4;\n",
		"not a number":    "ID: 1\n\tfield:int sig;\toffset:8;\tsize:four;\n",
		"more than 2^31":  "ID: 4294967296\n" + one,
		"nothing of it":   "\x00\x01\x02",
		"only the prefix": "ID:\n",
	} {
		var malformed *figure.MalformedError
		if f, err := parseFormat([]byte(text)); !errors.As(err, &malformed) {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
}

func FuzzParseFormat(f *testing.F) {
	files, err := filepath.Glob("testdata/*.format")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		parsed, err := parseFormat(data)
		if err != nil {
			return
		}
		record := make([]byte, parsed.length())
		if parsed.need(generateFields) == nil {
			parseSignal(parsed, &perfRecord{raw: record})
		}
	})
}
