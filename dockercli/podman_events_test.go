package dockercli

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPodmanEventsRecorded(t *testing.T) {
	podmanFixtures(t, func(t *testing.T, read func(string) []byte) {
		var actions, codes []string
		for line := range strings.Lines(string(read("events.json"))) {
			n, err := parsePodmanEvent([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			if n.Time.Year() < 2024 || len(n.ID) != 64 || n.Name != "haltscope-record" || n.Signal != "" {
				t.Errorf("%+v", n)
			}
			switch n.Action {
			case "die":
				codes = append(codes, n.ExitCode)
			case "init", "cleanup", "stop": // the last of a stop is there or not
				continue
			}
			actions = append(actions, n.Action)
		}
		if diff := cmp.Diff(strings.Fields("create start pause unpause die start kill die"), actions); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"0", "137"}, codes); diff != "" {
			t.Error(diff)
		}
	})
}

func TestParsePodmanEvent(t *testing.T) {
	at := time.Unix(1750000000, 5).UTC()
	for line, want := range map[string]Event{
		// 4.3 leaves out an exit code of 0. If 5.4 has none, it is not known.
		`{"ID":"ab","Name":"w","Status":"died","Time":"2025-06-15T15:06:40.000000005Z"}`://
		{Action: "die", ID: "ab", Time: at, ExitCode: "0", Name: "w"},
		`{"ID":"ab","Name":"w","Status":"died","time":1750000000,"timeNano":1750000000000000005}`://
		{Action: "die", ID: "ab", Time: at, Name: "w"},
		`{"ID":"ab","Status":"died","ContainerExitCode":3,"timeNano":1750000000000000005,"Attributes":{"exitCode":"9","signal":"9"}}`://
		{Action: "die", ID: "ab", Time: at, ExitCode: "3"},
		`{"ID":"ab","Status":"remove","timeNano":1750000000000000005}`://
		{Action: "destroy", ID: "ab", Time: at},
	} {
		got, err := parsePodmanEvent([]byte(line))
		got.Time = got.Time.UTC()
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", line, got, err)
		}
	}
	for _, line := range []string{"", "json", "{}", `{"ID":"ab","Status":"died"}`, `{"ID":"ab","Status":"died","Time":"noon"}`,
		`{"Status":"died","timeNano":5}`, `{"ID":"ab","timeNano":1750000000000000005}`, `[1]`} {
		if n, err := parsePodmanEvent([]byte(line)); err == nil {
			t.Errorf("%q was understood: %+v", line, n)
		}
	}
}
