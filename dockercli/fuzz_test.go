package dockercli

import (
	"os"
	"path/filepath"
	"testing"

	"haltscope/compare/value"
)

// addFiles adds the content of captured files to the corpus.
func addFiles(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		f.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func FuzzParsers(f *testing.F) {
	addFiles(f, "testdata/*/*")
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, err := ParseEvent(data); err == nil && (e.Action == "" || e.ID == "" || value.Clean(e.Action) != e.Action) {
			t.Errorf("%+v", e)
		}
		parsePs(data)
		parseInspect(data)
		parseImage(data)
		parseInfo(data)
		if top, err := parseTop(data); err == nil {
			for _, p := range top.Processes {
				if len(p) != len(top.Titles) {
					t.Errorf("%q", p)
				}
			}
		}
		parseStats(data)
		if c := value.Clean(string(data)); value.Clean(c) != c {
			t.Errorf("%q is not clean", c)
		}
	})
}

func FuzzPodman(f *testing.F) {
	addFiles(f, "testdata/podman-*/*")
	f.Fuzz(func(t *testing.T, data []byte) {
		if n, err := parsePodmanEvent(data); err == nil && (n.Action == "" || n.ID == "" || n.Time.Unix() <= 0 || value.Clean(n.Name) != n.Name) {
			t.Errorf("%+v", n)
		}
		parsePodmanPs(data)
		parsePodmanStats(data)
		// What is in docker's form stays so.
		once := podmanInspect(data)
		if twice := podmanInspect(once); string(twice) != string(once) {
			t.Errorf("%s, then %s", once, twice)
		}
		parseInspect(once)
	})
}
