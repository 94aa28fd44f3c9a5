package cli

import (
	"slices"
	"strings"
	"testing"
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

// TestMeant checks the hints for a duration without a unit, and for docker's -p.
func TestMeant(t *testing.T) {
	for message, want := range map[string]string{
		`--within: expected duration but got "5": time: missing unit in duration "5"`: "a duration has a unit: --within 5s",
		`--within: expected duration but got "x": time: invalid duration "x"`:         "",
		`unknown flag -p, did you mean one of "-h", "-e", "-v"?`:                      "docker's -p is --publish here",
		"unknown flag -q": "",
	} {
		if got := unitMeant(message) + publishMeant("check", message); got != want {
			t.Errorf("%s: %q, want %q", message, got, want)
		}
	}
	if got := publishMeant("stop", "unknown flag -p, did you mean one of"); got != "" {
		t.Errorf("stop: %q", got)
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
		"predict web":                         {"predict web", ""},
		"predict --like web -- app --flag":    {"predict --like web", "app --flag"},
		"check my/app -- app -- x":            {"check my/app", "app -- x"},
		"--format json check -- app":          {"--format json check", "app"},
		"--format=json check -- app":          {"--format=json check", "app"},
		"--format predict compare -- app":     {"--format predict compare -- app", ""}, // predict is a value here
		"compare --image check -- app --flag": {"compare --image check -- app --flag", ""},
		"-- check -- app":                     {"-- check -- app", ""},
	} {
		before, after := cutAfterDash(strings.Fields(line))
		if !slices.Equal(before, strings.Fields(want[0])) || !slices.Equal(after, strings.Fields(want[1])) {
			t.Errorf("%s: %q and %q", line, before, after)
		}
	}
}

// TestWithoutActions checks that no word stands for something that ends a container.
func TestWithoutActions(t *testing.T) {
	for message, want := range map[string]string{
		`unexpected argument top, did you mean "stop"?`:                          `unexpected argument top`,
		`unexpected argument p, did you mean one of "ps", "pause", "predict"?`:   `unexpected argument p, did you mean one of "ps", "predict"?`,
		`unexpected argument chck, did you mean "check"?`:                        `unexpected argument chck, did you mean "check"?`,
		`unexpected argument sta, did you mean one of "start", "stop", "watch"?`: `unexpected argument sta, did you mean "watch"?`,
		`unknown flag --stp, did you mean "--stop"?`:                             `unknown flag --stp, did you mean "--stop"?`,
		`missing flags: --stop`:                                                  `missing flags: --stop`,
	} {
		if got := withoutActions(message); got != want {
			t.Errorf("%s: %s", message, got)
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
