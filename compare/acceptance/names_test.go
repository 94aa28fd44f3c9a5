package acceptance

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNames checks that stories that may run at the same time use different container names. Podman's containers are
// separate.
func TestNames(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d stories, %v", len(files), err)
	}
	made := regexp.MustCompile(`(?m)^container (\S+)|--name[= ](\S+)`)
	of := map[string]string{}
	for _, file := range files {
		story := strings.TrimSuffix(filepath.Base(file), ".txtar")
		if slices.Contains(alone, story) || strings.HasPrefix(story, "podman") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range made.FindAllStringSubmatch(string(text), -1) {
			name := match[1] + match[2]
			if other := of[name]; other != "" && other != story {
				t.Errorf("%s is a container of both %s and %s", name, other, story)
			}
			of[name] = story
		}
	}
	if len(of) < 10 {
		t.Errorf("found only %d container names", len(of))
	}
}

// TestAllIsNarrowed checks that no story lets an action loose on all containers of the engine: a docker wrapper of its own narrows what
// docker ps lists.
func TestAllIsNarrowed(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d stories, %v", len(files), err)
	}
	all := regexp.MustCompile(`(?m)^.*haltscope (?:kill|stop|pause|unpause|start|restart|reclaim)(?: [^\n]*)? --all\b.*$`)
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range all.FindAllString(string(text), -1) {
			wrapped := strings.Contains(line, " --docker $WORK/") && strings.Contains(string(text), `exec "$REAL_DOCKER" "$@" --filter `)
			if found++; !wrapped && !strings.Contains(line, " -- --all") {
				t.Errorf("%s: %s", filepath.Base(file), line)
			}
		}
	}
	if found < 10 {
		t.Errorf("found only %d lines with --all", found)
	}
}
