package dockercli

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEventsRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, read func(string) []byte) {
		var actions []string
		for line := range strings.Lines(string(read("events.json"))) {
			e, err := ParseEvent([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			if e.Time.Year() < 2024 || len(e.ID) != 64 {
				t.Errorf("%+v", e)
			}
			switch signal, ok := e.SignalNumber(); {
			case e.Action == "kill" && signal != 3, e.Action != "kill" && ok:
				t.Errorf("%s with signal %q", e.Action, e.Signal)
			}
			switch code, ok := e.ExitStatus(); {
			case e.Action == "die" && (!ok || code != 0), e.Action != "die" && ok:
				t.Errorf("%s with exit code %q", e.Action, e.ExitCode)
			}
			actions = append(actions, e.Action)
		}
		want := strings.Fields("create start top pause unpause kill die stop")
		// From 23.0 on, stop and die may come in either order.
		if n := len(actions); n > 2 && actions[n-2] == "stop" {
			actions[n-2], actions[n-1] = actions[n-1], actions[n-2]
		}
		if diff := cmp.Diff(want, actions); diff != "" {
			t.Error(diff)
		}
	})
}

// API 1.52 dropped the older keys. The actions of exec contain a command. A label may put anything into an attribute.
func TestParseEvent(t *testing.T) {
	at := func(nano int64) time.Time { return time.Unix(0, nano) }
	for line, want := range map[string]Event{
		`{"Type":"container","Action":"die","Actor":{"ID":"ab","Attributes":{"exitCode":"42x","signal":9}},"timeNano":1}`://
		{Action: "die", ID: "ab", Time: at(1), ExitCode: "42x"},
		`{"Action":"die","Actor":{"ID":"ab","Attributes":{"exitCode":"137","exitcode":"0","EXITCODE":"1"}},"timeNano":1}`://
		{Action: "die", ID: "ab", Time: at(1), ExitCode: "137"},
		`{"Action":"exec_create: /bin/sh -c x","Actor":{"ID":"ab"},"timeNano":2}`://
		{Action: "exec_create", ID: "ab", Time: at(2)},
		`{"Action":"health_status: healthy","Actor":{"ID":"ab","Attributes":{"name":"web","execID":"e1"}},"timeNano":3,"new":{}}`://
		{Action: "health_status", ID: "ab", Name: "web", ExecID: "e1", Time: at(3)},
	} {
		got, err := ParseEvent([]byte(line))
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", line, got, err)
		}
		if _, ok := got.ExitStatus(); ok && got.ExitCode != "137" {
			t.Errorf("%q is an exit code", got.ExitCode)
		}
	}
	for _, line := range []string{"", "json", "{}", `{"Action":"die","timeNano":1}`, `{"Action":"die","Actor":{"ID":"ab"}}`, `[1]`} {
		if e, err := ParseEvent([]byte(line)); err == nil {
			t.Errorf("%q was understood: %+v", line, e)
		}
	}
}

// From API 1.52 on, an event has no status, id and from. Docker 29.7.2 also sends stop before die.
func TestEventsOfDocker29(t *testing.T) {
	data, err := os.ReadFile("testdata/docker-29.7.2-client-29.7.2/events.json")
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for line := range bytes.Lines(data) {
		var keys map[string]any
		if err := json.Unmarshal(line, &keys); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"status", "id", "from"} {
			if _, has := keys[key]; has {
				t.Errorf("the recording is not of API 1.52: it has %s", key)
			}
		}
		e, err := ParseEvent(line)
		if err != nil || len(e.ID) != 64 || e.Name != "haltscope-record" {
			t.Errorf("%+v, %v", e, err)
		}
		actions = append(actions, e.Action+e.Signal+e.ExitCode)
	}
	if got := strings.Join(actions, " "); got != "create start top pause unpause kill3 stop die0" {
		t.Error(got)
	}
}

// What docker inspect no longer prints of the network, from API 1.52 on, is not needed, and neither is what image inspect leaves out.
func TestInspectOfDocker29(t *testing.T) {
	const dir = "testdata/docker-29.7.2-client-29.7.2/"
	data, err := os.ReadFile(dir + "inspect-running.json")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte(`"SecondaryIPAddresses"`)) || bytes.Contains(data, []byte(`"GraphDriver"`)) {
		t.Error("the recording is not of API 1.52 and containerd's image store")
	}
	found, err := parseInspect(data)
	if err != nil || len(found) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	if data, err = os.ReadFile(dir + "image.json"); err != nil {
		t.Fatal(err)
	}
	image, err := parseImage(data)
	if err != nil || image.ID != found[0].Image || image.Config.StopSignal != "SIGQUIT" || len(image.ExposedTCP()) != 1 {
		t.Errorf("%+v of image %s, %v", image, found[0].Image, err)
	}
}
