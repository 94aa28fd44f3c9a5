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

// docs returns the README or, by its title, a manual page. It skips the test in the lab, which has no documents.
func docs(t *testing.T, name string) string {
	t.Helper()
	if lab() {
		t.Skip("no documents in the lab; the host runs this")
	}
	path := "../../README.md"
	if name != "README" {
		path = "../cli/manual/" + name + ".md"
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// undocumented reports the keys of a document that the page of its command does not describe. haltscope(1) describes
// what all documents have in common, and haltscope-stop(1) what all actions have in common.
func undocumented(t *testing.T, command string, document any, pages ...string) {
	t.Helper()
	keys := map[string]bool{}
	collect(document, keys)
	contract := strings.Join(pages, "\n")
	for key := range keys {
		if !regexp.MustCompile(`\b` + key + `\b`).MatchString(contract) {
			t.Errorf("%s: its manual page does not document %q", command, key)
		}
	}
}

// section returns a section of a page, from its heading to the next one of the same level.
func section(page, title string) string {
	_, text, _ := strings.Cut(page, "\n## "+title+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// TestManualContract checks that the manual pages document every key of the JSON that the program writes. It cleans up, so that no
// other test makes twins meanwhile.
func TestManualContract(t *testing.T) {
	contract := func(command string) string { return section(docs(t, "haltscope-"+command), "JSON") }
	common, actions := section(docs(t, "haltscope"), "JSON"), []string{"kill", "stop", "pause", "unpause", "start", "restart"}
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
		undocumented(t, "watch", object, contract("watch"))
	}
	for _, args := range [][]string{
		{"inspect", "--format", "json", paused},
		{"ps", "--format", "json"},
		{"unpause", "--format", "json", paused},
		{"pause", "--format", "json", paused},
		{"reclaim", "--format", "json", paused},
		{"compare", "--prove", "--format", "json", "--baseline", "300ms", "--hold", "300ms", "--", "--anon", "1MiB", "--cache", "0"},
		{"compare", "--probe", "--repeat", "2", "--actions", "kill:HUP,restart,rm,pause", "--format", "json",
			"--baseline", "100ms", "--hold", "100ms", "--", "--anon", "1MiB", "--cache", "0", "--ignore", "HUP"},
		{"compare", "--like", paused, "--format", "json", "--actions", "kill", "--baseline", "100ms", "--hold", "100ms"},
		{"predict", "--format", "json", paused},
		{"predict", "--verify", "--format", "json", "--baseline", "300ms", "--like", paused},
		{"check", "--format", "json", "--self-test", "--no-loss", "--", "--anon", "1MiB", "--cache", "0"},
		{"doctor", "--format", "json"},
		{"stop", "--dry-run", "--format", "json", paused},
		{"stop", "--format", "json", paused},
		{"start", "--format", "json", paused},
		{"restart", "--format", "json", paused},
		{"kill", "--expect", "killed", "--format", "json", paused},
		{"why", "--format", "json", paused},
		{"clean", "--format", "json"},
	} {
		out, err := exec.Command(haltscope, args...).Output()
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		if err := followsSchema(string(out)); err != nil {
			t.Errorf("%v: %v", args, err)
		}
		var written any
		if err := json.Unmarshal(out, &written); err != nil {
			t.Fatal(err)
		}
		pages := []string{common, contract(args[0])}
		switch {
		case slices.Contains(actions, args[0]):
			pages[1] = contract("stop")
		case args[0] == "check": // which refers to a run of compare
			pages = append(pages, contract("compare"))
		}
		undocumented(t, args[0], written, pages...)
	}
}

// collect gathers the keys of a document, except those of maps, where the keys are values.
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

// TestReadmeOutput checks that the table of the README has the rows that the program writes, in its order.
func TestReadmeOutput(t *testing.T) {
	out, err := exec.Command(haltscope, "compare", "--baseline", "300ms", "--hold", "300ms").Output()
	if err != nil {
		t.Fatal(err)
	}
	documented, answered := questions(docs(t, "README")), questions(string(out))
	if len(answered) < 15 || !slices.Equal(documented, answered) {
		t.Errorf("the README has\n%q, the program prints\n%q", documented, answered)
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

// label matches the name of a row in a report, before the next column.
var label = regexp.MustCompile(`(?m)^ {0,4}(?:[✓⚠] )?([A-Za-z][A-Za-z ,()-]*?):?  +\S`)

// labels lists the names of the rows of a report.
func labels(report string) (all []string) {
	for _, match := range label.FindAllStringSubmatch(report, -1) {
		all = append(all, match[1])
	}
	return all
}

// TestManualSamples runs the commands of the samples in the manual pages, and checks that the reports still have the rows of
// the samples. Those that need twins are left out: TestReadmeOutput checks one of them.
func TestManualSamples(t *testing.T) {
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		t.Skip("the samples are of a host with cgroup v1")
	}
	docker := func(args ...string) {
		t.Helper()
		if out, err := dockerCmd(args...).CombinedOutput(); err != nil {
			t.Fatalf("docker %v: %v: %s", args, err, out)
		}
	}
	reserveNames(t)
	docker("tag", "haltscope-test/script", "my/script")
	defer dockerCmd("rmi", "--no-prune", "my/script").Run()
	docker("run", "--detach", "--name", "web", "--network", "none", "haltscope-test/script")
	defer dockerCmd("rm", "--force", "web").Run()
	docker("run", "--detach", "--name", "db", "--network", "none", "--memory", "512m", "--tmpfs", "/scratch", "haltscope-test/redis")
	defer dockerCmd("rm", "--force", "db").Run()
	docker("exec", "db", "sh", "-c", "head -c 3000000 /dev/zero >/scratch/x; head -c 20000000 /dev/zero >/tmp/x; sync")
	docker("pause", "db")
	rows := 0
	for _, command := range []string{"ps", "inspect", "reclaim", "predict", "doctor", "check",
		"pause", "unpause", "restart", "stop", "start", "kill"} {
		_, sample, _ := strings.Cut(docs(t, "haltscope-"+command), "```\n$ haltscope ")
		line, sample, _ := strings.Cut(sample, "\n")
		sample, _, _ = strings.Cut(sample, "```")
		out, err := exec.Command(haltscope, strings.Fields(line)...).Output()
		if err != nil && command != "check" { // whose expectations are not met
			t.Errorf("%s: %v", line, err)
			continue
		}
		written := labels(string(out))
		for _, row := range labels(sample) {
			rows++
			if !slices.Contains(written, row) {
				t.Errorf("the sample of %s in its manual page has a row %q; it writes\n%s", line, row, out)
			}
		}
	}
	if rows < 55 {
		t.Errorf("the samples have only %d rows", rows)
	}
}
