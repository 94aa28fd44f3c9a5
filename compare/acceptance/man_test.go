package acceptance

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"haltscope/compare/man"
)

// TestManPage: those who read manual pages have nothing against it, and it tells of every command and flag.
func TestManPage(t *testing.T) {
	if lab() {
		t.Skip("no man in the lab; the host runs this")
	}
	file := filepath.Join(t.TempDir(), "haltscope.1")
	if out, err := exec.Command(haltscope, "man", "--output", file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, reader := range [][]string{
		{"mandoc", "-T", "lint", file},
		{"groff", "-man", "-ww", "-Tutf8", "-z", file},
		{"man", "--warnings", "--local-file", "--troff-device=ps", file}, // another device than a terminal
	} {
		cmd := exec.Command(reader[0], reader[1:]...)
		var said strings.Builder
		cmd.Stderr = &said
		if reader[0] == "mandoc" {
			cmd.Stdout = &said
		}
		if err := cmd.Run(); err != nil || said.Len() > 0 {
			t.Errorf("%v: %v: %s", reader, err, said.String())
		}
	}
	cmd := exec.Command("mandoc", "-T", "utf8", "-O", "width=1000", file)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	page := regexp.MustCompile(`.\x08`).ReplaceAllString(string(out), "") // what is bold is written twice
	for _, heading := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES",
		"SEE ALSO"} {
		if !strings.Contains(page, "\n"+heading+"\n") {
			t.Errorf("no section %s", heading)
		}
	}
	commands, err := exec.Command(haltscope, "__complete", "").Output()
	if err != nil {
		t.Fatal(err)
	}
	flags := 0
	for _, name := range regexp.MustCompile(`(?m)^([a-z]+)\t`).FindAllStringSubmatch(string(commands), -1) {
		if name[1] == "help" {
			continue
		}
		if !strings.Contains(page, "\n   haltscope "+name[1]+"\n") {
			t.Errorf("no command %s", name[1])
		}
		help, err := exec.Command(haltscope, name[1], "--help").Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, flag := range regexp.MustCompile(`(?m)^ +(?:-., +)?(--[a-z-]+)`).FindAllStringSubmatch(string(help), -1) {
			flags++
			if !strings.Contains(page, flag[1]) {
				t.Errorf("no flag %s of %s", flag[1], name[1])
			}
		}
	}
	if flags < 100 {
		t.Errorf("only %d flags in the help", flags)
	}
	// The two tables of exit codes are one.
	table := strings.ReplaceAll(readme(t), "`", "")
	for _, e := range man.ExitCodes {
		if row := fmt.Sprintf("\n| %d | %s |\n", e.Code, e.Text); !strings.Contains(table, row) {
			t.Errorf("the README has no row %q", row)
		}
	}
}
