package completion

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

type grammar struct {
	Docker string `default:"docker" placeholder:"PATH" complete:"file"`
	Format string `enum:"table,json" default:"table"`

	Stop struct {
		Signal    string   `short:"s"`
		Like      string   `complete:"container"`
		Filter    []string `placeholder:"KEY=VALUE"`
		Container []string `arg:""`
	} `cmd:"" complete:"running" help:"Stop containers."`
	Check struct {
		Image string `arg:""`
	} `cmd:"" complete:"image" help:"Check an image."`
	Completion struct {
		Shell string `arg:"" enum:"bash,zsh,fish"`
	} `cmd:"" help:"Print a script."`
	Workload struct{} `cmd:"" hidden:""`
}

func parser(t *testing.T) *kong.Application {
	t.Helper()
	k, err := kong.New(&grammar{})
	if err != nil {
		t.Fatal(err)
	}
	return k.Model
}

// names returns names that contain their kind and the docker binary of the command line.
func names(kind string, flag func(string) string) []Candidate {
	return []Candidate{{kind + "-" + flag("docker"), "Up"}, {"other-" + kind, ""}}
}

// values returns what the grammar does not say.
func values(command, flag string) []string {
	switch {
	case flag == "format" && command == "check":
		return []string{"table", "junit"}
	case flag == "signal":
		return []string{"HUP", "TERM"}
	case flag == "filter":
		return []string{"name=", "label="}
	}
	return nil
}

// TestAnswer checks the completions of a command line, whose last word is incomplete. Before it the shell puts __complete.
func TestAnswer(t *testing.T) {
	for line, want := range map[string]string{
		"|":                             "check completion stop",
		"st|":                           "stop",
		"work|":                         "", // hidden
		"--format |":                    "table json",
		"--fo|":                         "--format",
		"stop |":                        "running-docker other-running",
		"stop o|":                       "other-running",
		"stop other-running |":          "running-docker", // the other is already given
		"--docker podman stop |":        "running-podman other-running",
		"stop --like |":                 "container-docker other-container",
		"stop --filter a=b --fi|":       "--filter", // may be repeated
		"stop --signal TERM --sig|":     "",         // may not
		"stop --signal |":               "HUP TERM",
		"stop --signal T|":              "TERM",
		"stop --signal HUP,T|":          "HUP,TERM",
		"stop --filter |":               "name= label=",
		"stop --format |":               "table json",
		"check --format |":              "table junit",
		"check |":                       "image-docker other-image",
		"check my/app |":                "", // one image
		"completion |":                  "bash zsh fish",
		"completion bash |":             "",
		"stop running-docker -- rm -r|": "", // another command
	} {
		words := strings.Split(strings.TrimSuffix(line, "|"), " ")
		var out bytes.Buffer
		if err := Answer(parser(t), append([]string{"__complete"}, words...), names, values, &out, io.Discard); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		var got []string
		for text := range strings.Lines(out.String()) {
			name, _, _ := strings.Cut(strings.TrimSuffix(text, "\n"), "\t")
			if name != "" && !strings.HasPrefix(name, ":") && name != "help" { // a line of the protocol; cobra's own command
				got = append(got, name)
			}
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %q, wanted %q", line, got, want)
		}
	}
}

// TestAnswerDescribes checks that a name has its description.
func TestAnswerDescribes(t *testing.T) {
	var out bytes.Buffer
	if err := Answer(parser(t), []string{"__complete", "stop", "r"}, names, values, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "running-docker\tUp\n") {
		t.Errorf("%q", &out)
	}
}

// TestDefaultOf checks that an environment variable comes before the default.
func TestDefaultOf(t *testing.T) {
	t.Setenv("COMPLETION_TEST_DOCKER", "podman")
	if got := defaultOf(&kong.Flag{Value: &kong.Value{Default: "docker"},
		Envs: []string{"COMPLETION_TEST_OTHER", "COMPLETION_TEST_DOCKER"}}); got != "podman" {
		t.Errorf("%q", got)
	}
	if got := defaultOf(&kong.Flag{Value: &kong.Value{Default: "docker"}}); got != "docker" {
		t.Errorf("%q", got)
	}
}

func TestScript(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		var out bytes.Buffer
		if err := Script(parser(t), shell, &out); err != nil || !strings.Contains(out.String(), "__complete") {
			t.Errorf("%s: %v, %d bytes", shell, err, out.Len())
		}
	}
	if err := Script(parser(t), "csh", io.Discard); err == nil {
		t.Error("a script for csh")
	}
}

func TestAsked(t *testing.T) {
	for line, want := range map[string]bool{"__complete stop": true, "__completeNoDesc st": true, "completion bash": false, "": false} {
		if got := Asked(strings.Fields(line)); got != want {
			t.Errorf("%q: %t", line, got)
		}
	}
}
