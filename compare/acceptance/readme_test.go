package acceptance

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// readme is the README. The lab gets the tests without it.
func readme(t *testing.T) string {
	t.Helper()
	if lab() {
		t.Skip("no README in the lab; the host runs this")
	}
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestReadmeContract: the README documents every key of the JSON that the program writes.
func TestReadmeContract(t *testing.T) {
	t.Parallel()
	contract := readme(t)
	contract = contract[strings.Index(contract, "## JSON"):]
	const paused = "hs-readme"
	docker := func(args ...string) {
		if out, err := dockerCmd(args...).CombinedOutput(); err != nil {
			t.Fatalf("docker %v: %v: %s", args, err, out)
		}
	}
	docker("run", "--detach", "--name", paused, "--network", "none", "haltscope-test/redis")
	defer docker("rm", "--force", paused)
	w := watchProcess(t, "--filter", "name=^"+paused+"$")
	docker("pause", paused)
	w.until(t, `"verdict":"paused"`)
	for _, line := range w.end(t, unix.SIGTERM, 0) {
		var object any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatal(err)
		}
		keys := map[string]bool{}
		collect(object, keys)
		for key := range keys {
			if !regexp.MustCompile(`\b` + key + `\b`).MatchString(contract) {
				t.Errorf("watch: the README does not document %q", key)
			}
		}
	}
	for _, args := range [][]string{
		{"inspect", "--format", "json", paused},
		{"ps", "--format", "json"},
		{"unpause", "--format", "json", paused},
		{"pause", "--format", "json", paused},
		{"reclaim", "--format", "json", paused},
		{"compare", "--prove", "--format", "json", "--baseline", "300ms", "--hold", "300ms", "--", "--anon", "1MiB", "--cache", "0"},
		{"compare", "--probe", "--repeat", "2", "--actions", "kill:HUP,restart,rm,pause", "--format", "json", "--baseline", "100ms",
			"--hold", "100ms", "--", "--anon", "1MiB", "--cache", "0", "--ignore", "HUP"},
		{"compare", "--like", paused, "--format", "json", "--actions", "kill", "--baseline", "100ms", "--hold", "100ms"},
		{"predict", "--format", "json", paused},
		{"predict", "--verify", "--format", "json", "--baseline", "300ms", "--like", paused},
		{"check", "--format", "json", "--no-loss", "--", "--anon", "1MiB", "--cache", "0"},
		{"doctor", "--format", "json"},
		{"stop", "--dry-run", "--format", "json", paused},
		{"stop", "--format", "json", paused},
		{"start", "--format", "json", paused},
		{"restart", "--format", "json", paused},
		{"kill", "--format", "json", paused},
		{"clean", "--format", "json"},
	} {
		out, err := exec.Command(haltscope, args...).Output()
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		if err := followsSchema(string(out)); err != nil {
			t.Errorf("%v: %v", args, err)
		}
		var document any
		if err := json.Unmarshal(out, &document); err != nil {
			t.Fatal(err)
		}
		keys := map[string]bool{}
		collect(document, keys)
		for key := range keys {
			if !regexp.MustCompile(`\b` + key + `\b`).MatchString(contract) {
				t.Errorf("%s: the README does not document %q", args[0], key)
			}
		}
	}
}

// collect gathers the keys of a document, but for those that are values themselves.
func collect(v any, keys map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			keys[key] = true
			if key != "verdicts" {
				collect(value, keys)
			}
		}
	case []any:
		for _, value := range v {
			collect(value, keys)
		}
	}
}

// TestReadmeCommands: every haltscope command of the README is one that the program understands.
func TestReadmeCommands(t *testing.T) {
	seen := 0
	for line := range strings.Lines(readme(t)) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "$ "))
		if !strings.HasPrefix(line, "haltscope ") || strings.Contains(line, "COMMAND") {
			continue
		}
		line, _, _ = strings.Cut(line, " #")
		line, _, _ = strings.Cut(line, " |")
		args := strings.Fields(line)[1:]
		// Up to the workload's flags, asked for help: what the grammar does not know is refused before that.
		if i := slices.Index(args, "--"); i >= 0 {
			args = args[:i]
		}
		seen++
		if out, err := exec.Command(haltscope, append(args, "--help")...).CombinedOutput(); err != nil {
			t.Errorf("haltscope %s: %v: %s", strings.Join(args, " "), err, out)
		}
	}
	if seen < 8 {
		t.Errorf("only %d commands in the README", seen)
	}
}

// TestReadmeOutput: the questions of the README's table are those that the program answers, in its order.
func TestReadmeOutput(t *testing.T) {
	out, err := exec.Command(haltscope, "compare", "--baseline", "300ms", "--hold", "300ms").Output()
	if err != nil {
		t.Fatal(err)
	}
	documented, answered := questions(readme(t)), questions(string(out))
	if len(answered) < 15 || !slices.Equal(documented, answered) {
		t.Errorf("the README has\n%q, the program answers\n%q", documented, answered)
	}
	nothingLeft(t)
}

// questions lists the first column of the table in a text.
func questions(text string) (all []string) {
	_, table, _ := strings.Cut(text, "───\n")
	table, _, _ = strings.Cut(table, "\n\n")
	for line := range strings.Lines(table) {
		if question := strings.TrimSpace(line[:min(15, len(line)-1)]); question != "" {
			all = append(all, question)
		}
	}
	return all
}
