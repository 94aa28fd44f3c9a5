package cli

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"haltscope/compare/fault"
)

// TestGraceMeant checks that only a bare number for --timeout of stop and restart is taken for docker's grace.
func TestGraceMeant(t *testing.T) {
	for line, want := range map[string]string{
		"stop --timeout 3 web":        "-t 3",
		"restart web --timeout=10":    "-t 10",
		"stop --timeout 3s web":       "",
		"stop web --timeout":          "",
		"ps --timeout 3":              "",
		"stop --time x --timeout 15s": "",
	} {
		args := strings.Fields(line)
		if got := graceMeant(args[0], args); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// TestPublishMeant checks that only docker's -p of a command that has --publish is taken for that.
func TestPublishMeant(t *testing.T) {
	for line, want := range map[string]bool{
		"check -p 80:80 my/app":   true,
		"compare -p80:80":         true,
		"predict -- app -p":       false,
		"check --publish 80 -q x": false,
		"stop -p web":             false,
	} {
		args := strings.Fields(line)
		if got := publishMeant(args[0], args); (got != "") != want {
			t.Errorf("%s: %q", line, got)
		}
	}
}

// TestVolumeMeant checks that only a mount after -v is taken for docker's -v.
func TestVolumeMeant(t *testing.T) {
	for line, want := range map[string]string{
		"check -v data:/data my/app":          "--volume data:/data",
		"check --like web -v /srv":            "--volume /srv",
		"compare -v./conf:/conf --image x":    "--volume ./conf:/conf",
		"predict -v web":                      "",
		"check -v registry:5000/app:1":        "",
		"predict --image x -v -- app -v /srv": "",
		"check my/app -v":                     "",
		"stop -v /web":                        "",
	} {
		args := strings.Fields(line)
		if got := volumeMeant(args[0], args); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// TestJoinNegative checks that only a negative number after a flag is joined.
func TestJoinNegative(t *testing.T) {
	for line, want := range map[string]string{
		"stop -t -1 web":           "stop -t-1 web",
		"stop --time -1 web":       "stop --time=-1 web",
		"stop --time=-1 web":       "stop --time=-1 web",
		"stop -t 5 web":            "stop -t 5 web",
		"-1":                       "-1",
		"stop -- -t -1":            "stop -- -t -1",
		"predict web -- app -n -1": "predict web -- app -n -1",
		"stop web -1":              "stop web -1",
	} {
		if got := joinNegative(strings.Fields(line)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %q", line, got)
		}
	}
}

// TestCutAfterDash checks that only predict and check split their command line.
func TestCutAfterDash(t *testing.T) {
	for line, want := range map[string][2]string{
		"predict web":                          {"predict web", ""},
		"predict --like web -- app --flag":     {"predict --like web", "app --flag"},
		"check my/app -- app -- x":             {"check my/app", "app -- x"},
		"--format json check -- app":           {"--format json check", "app"},
		"--format=json check -- app":           {"--format=json check", "app"},
		"--format predict compare -- app":      {"--format predict compare -- app", ""}, // predict is a value here
		"--evidence predict --like web -- app": {"--evidence predict --like web", "app"},
		"-v check -- app":                      {"-v check", "app"},
		"compare --image check -- app --flag":  {"compare --image check -- app --flag", ""},
		"-- check -- app":                      {"-- check -- app", ""},
	} {
		before, after := cutAfterDash(strings.Fields(line))
		if !slices.Equal(before, strings.Fields(want[0])) || !slices.Equal(after, strings.Fields(want[1])) {
			t.Errorf("%s: %q and %q", line, before, after)
		}
	}
}

// testGrammar is a part of haltscope's grammar.
type testGrammar struct {
	Within time.Duration `default:"1s" env:"TEST_WITHIN"`

	Ps      struct{} `cmd:""`
	Predict struct{} `cmd:""`
	Pause   struct{} `cmd:""`
	Watch   struct{} `cmd:""`
	Start   struct{} `cmd:""`
	Stop    struct {
		Stop bool
	} `cmd:""`
	Check struct{} `cmd:""`
}

// TestMisused checks what haltscope says of a command line that Kong cannot parse: a duration without a unit gets a hint, and no word
// stands for something that ends a container.
func TestMisused(t *testing.T) {
	for _, c := range []struct{ line, within, text, next string }{
		{line: "ps --within 5", text: `--within: expected duration but got "5": time: missing unit in duration "5"`,
			next: "a duration has a unit: --within 5s"},
		{line: "ps --within x", text: `--within: expected duration but got "x": time: invalid duration "x"`, next: "see: test ps --help"},
		{line: "ps", within: "5", next: "see: test ps --help",
			text: `--within: expected duration but got "5": time: missing unit in duration "5" (from envar TEST_WITHIN="5")`},
		{line: "check -p 80:80", text: `unknown flag -p, did you mean "-h"?`, next: "docker's -p is --publish here"},
		{line: "top", text: "unexpected argument top", next: "see: test --help"},
		{line: "p", text: `unexpected argument p, did you mean one of "ps", "predict"?`, next: "see: test --help"},
		{line: "chck", text: `unexpected argument chck, did you mean "check"?`, next: "see: test --help"},
		{line: "stop --stp", text: `unknown flag --stp, did you mean "--stop"?`, next: "see: test stop --help"},
	} {
		if c.within != "" {
			t.Setenv("TEST_WITHIN", c.within)
		}
		parser, err := kong.New(&testGrammar{}, kong.Name("test"), kong.TypeMapper(reflect.TypeFor[time.Duration](), duration))
		if err != nil {
			t.Fatal(err)
		}
		args := strings.Fields(c.line)
		hideActions(parser.Model, true)
		_, err = parser.Parse(args)
		os.Unsetenv("TEST_WITHIN")
		if err == nil {
			t.Errorf("%s: no error", c.line)
			continue
		}
		if got := misused(err, parser, args); got.Error() != c.text || fault.Hint(got) != c.next {
			t.Errorf("%s: %s\nnext: %s", c.line, got, fault.Hint(got))
		}
	}
}

func TestGraceTime(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "30": 30, "3s": 3, "1m": 60, "-1": -1} {
		var g graceTime
		if err := g.UnmarshalText([]byte(text)); err != nil || int(g) != want {
			t.Errorf("%s: %d, %v", text, g, err)
		}
	}
	for _, text := range []string{"", "soon", "1500ms", "1.5"} {
		var g graceTime
		if err := g.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q: %d", text, g)
		}
	}
}
