package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"haltscope/compare/cli"
)

const pages = "compare/cli/manual"

// documents returns the texts of the READMEs and of the manual pages by file name.
func documents(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(pages + "/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d manual pages, %v", len(files), err)
	}
	texts := map[string]string{}
	for _, file := range append(files, "README.md", "README.zh-CN.md") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(data)
	}
	return texts
}

// stdoutOf runs the program and returns its standard output.
func stdoutOf(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(append([]string{"haltscope"}, args...), &stdout, &stderr); code != cli.ExitDone {
		t.Errorf("haltscope %s: exit code %d: %s", strings.Join(args, " "), code, &stderr)
	}
	return stdout.String()
}

// TestManual checks that each command has a manual page, with every flag of its help, and that no page is left over.
func TestManual(t *testing.T) {
	texts := documents(t)
	overview, flags := texts[pages+"/haltscope.md"], 0
	want := map[string]bool{pages + "/haltscope.md": true}
	for _, f := range commands() {
		if _, hidden := f.Tag.Lookup("hidden"); hidden {
			continue
		}
		name := strings.ToLower(f.Name)
		want[pages+"/haltscope-"+name+".md"] = true
		if link := fmt.Sprintf("[haltscope %s](haltscope-%s.md)", name, name); !strings.Contains(overview, link) {
			t.Errorf("haltscope(1) has no link %s", link)
		}
		page := stdoutOf(t, "man", name) + stdoutOf(t, "man", "haltscope")
		for _, flag := range flagName.FindAllString(stdoutOf(t, name, "--help"), -1) {
			flags++
			if !strings.Contains(page, strings.ReplaceAll(flag, "-", `\-`)) {
				t.Errorf("the manual page of %s has no flag %s", name, flag)
			}
		}
	}
	if flags < 100 {
		t.Errorf("only %d flags in the help", flags)
	}
	for file := range texts {
		if strings.HasPrefix(file, pages) && !want[file] {
			t.Errorf("%s is a page of no command", file)
		}
		delete(want, file)
	}
	for file := range want {
		t.Errorf("%s is missing", file)
	}
}

var (
	flagName = regexp.MustCompile(`--[a-z][a-z-]*`)
	inline   = regexp.MustCompile("`[^`\n]+`")
	comment  = regexp.MustCompile(` +# .*`)
	word     = regexp.MustCompile(`'[^']*'|\S+`)
)

// commandLines returns the haltscope commands in the code of a text, without what follows a pipe.
func commandLines(text string) (all []string) {
	var codes []string
	fenced := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
		case fenced:
			codes = append(codes, comment.ReplaceAllString(strings.TrimSuffix(line, "\n"), ""))
		default:
			for _, code := range inline.FindAllString(line, -1) {
				codes = append(codes, strings.Trim(code, "`"))
			}
		}
	}
	for _, code := range codes {
		code = strings.TrimSpace(code)
		for _, before := range []string{"$ ", "- run: ", "- ", "sudo ", "docker "} {
			code = strings.TrimPrefix(code, before)
		}
		code, _, _ = strings.Cut(code, " | ")
		if args, is := strings.CutPrefix(code, "haltscope "); is && !strings.ContainsAny(args, "…*") {
			all = append(all, args)
		}
	}
	return all
}

// TestDocumentedCommands checks that the program understands every command of the READMEs and the manual pages.
func TestDocumentedCommands(t *testing.T) {
	seen := 0
	for file, text := range documents(t) {
		for _, line := range commandLines(text) {
			args := word.FindAllString(line, -1)
			if i := slices.Index(args, "--"); i >= 0 { // what follows is for the program in a container
				args = args[:i]
			}
			if len(args) == 0 {
				t.Errorf("%s: no command in %q", file, line)
				continue
			}
			seen++
			// With --help nothing is run, but what the grammar does not know is refused.
			var stdout, stderr bytes.Buffer
			if code := run(slices.Concat([]string{"haltscope"}, args, []string{"--help"}), &stdout, &stderr); code != cli.ExitDone {
				t.Errorf("%s: haltscope %s: exit code %d: %s", file, line, code, &stderr)
			}
		}
	}
	if seen < 150 {
		t.Errorf("only %d commands in the documents", seen)
	}
}

// ofOthers are the flags in the documents that are those of docker and other programs.
var ofOthers = []string{"--context", "--config", "--cpuset-mems", "--force", "--host", "--name", "--oom-kill-disable", "--password",
	"--pid", "--rewrite", "--rm", "--no-stream", "--tls"}

// TestDocumentedFlags checks that each flag in the prose of the documents is one of a command.
func TestDocumentedFlags(t *testing.T) {
	known := map[string]bool{}
	for _, f := range commands() {
		for _, flag := range flagName.FindAllString(stdoutOf(t, strings.ToLower(f.Name), "--help"), -1) {
			known[flag] = true
		}
	}
	for file, text := range documents(t) {
		for _, code := range inline.FindAllString(text, -1) {
			for _, flag := range flagName.FindAllString(code, -1) {
				if !known[flag] && !slices.Contains(ofOthers, flag) {
					t.Errorf("%s: no command has the flag %s of %s", file, flag, code)
				}
			}
		}
	}
}

// TestDocumentedExitCodes checks that haltscope(1) lists every exit code.
func TestDocumentedExitCodes(t *testing.T) {
	_, status, _ := strings.Cut(documents(t)[pages+"/haltscope.md"], "\n## EXIT STATUS\n")
	status, _, _ = strings.Cut(status, "\n## ")
	listed := regexp.MustCompile("(?m)^- `([0-9]+)`: ").FindAllStringSubmatch(status, -1)
	codes := []int{cli.ExitDone, cli.ExitFailed, cli.ExitUsage, cli.ExitNotMet, cli.ExitUnfit, cli.ExitNotFound, cli.ExitInterrupted}
	if len(listed) != len(codes) {
		t.Fatalf("%d exit codes are listed, wanted %d", len(listed), len(codes))
	}
	for i, code := range codes {
		if listed[i][1] != fmt.Sprint(code) {
			t.Errorf("exit code %s is listed, wanted %d", listed[i][1], code)
		}
	}
}
