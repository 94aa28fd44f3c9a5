package acceptance

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestManPages checks that man, mandoc and groff accept every manual page without a warning.
func TestManPages(t *testing.T) {
	if lab() {
		t.Skip("no man in the lab; the host runs this")
	}
	commands, err := exec.Command(haltscope, "__complete", "man", "").Output()
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`(?m)^[a-z]+$`).FindAllString(string(commands), -1)
	if len(names) < 19 {
		t.Fatalf("the pages are %q", names)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), name+".1")
			if out, err := exec.Command(haltscope, "man", name, "--output", file).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			for _, reader := range [][]string{
				{"mandoc", "-T", "lint", file},
				{"groff", "-man", "-ww", "-Tutf8", "-z", file},
				{"man", "--warnings", "--local-file", "--troff-device=ps", file}, // a device other than a terminal
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
			page := regexp.MustCompile(`.\x08`).ReplaceAllString(string(out), "") // bold characters are overstruck
			headings := []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "SEE ALSO"}
			args := []string{name, "--help"}
			if name == "haltscope" {
				headings = slices.Concat(headings, []string{"COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES"})
				args = args[1:]
			}
			for _, heading := range headings {
				if !strings.Contains(page, "\n"+heading+"\n") {
					t.Errorf("no section %s", heading)
				}
			}
			help, err := exec.Command(haltscope, args...).Output()
			if err != nil {
				t.Fatal(err)
			}
			// The help lists the global flags first; they are documented in haltscope(1).
			own := string(help)
			if name != "haltscope" {
				_, own, _ = strings.Cut(own, "--version ")
			}
			for _, flag := range regexp.MustCompile(`(?m)^ +(?:-., +)?(--[a-z-]+)`).FindAllStringSubmatch(own, -1) {
				if !strings.Contains(page, flag[1]) {
					t.Errorf("no flag %s", flag[1])
				}
			}
		})
	}
}
