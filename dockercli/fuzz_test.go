package dockercli

import (
	"os"
	"path/filepath"
	"testing"

	"haltscope/compare/value"
)

func FuzzParsers(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
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
	files, _ := filepath.Glob("testdata/podman-*/*")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
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
