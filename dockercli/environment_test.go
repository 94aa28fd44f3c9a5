package dockercli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
)

// No way of printing shows the values; the file in memory holds those that docker's format can hold.
func TestEnvironment(t *testing.T) {
	env := Environment{[]string{"A=secret", "B=", "C=a=b c ", "D=secret\nmore", "#E=secret", "F G=secret", "H=secret\xff", "=secret", "I"}}
	text, _ := json.Marshal(map[string]any{"x": env})
	for _, shown := range []string{fmt.Sprint(env), fmt.Sprintf("%v %+v %#v %s %q", env, env, env, env, env), fmt.Sprintf("%+v", struct{ E Environment }{env}), string(text)} {
		if strings.Contains(shown, "secret") {
			t.Errorf("shown: %s", shown)
		}
	}
	f, left, err := env.file()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil || string(data) != "A=secret\nB=\nC=a=b c \n" || left != 6 {
		t.Errorf("%q, %d left out, %v", data, left, err)
	}
}

func TestParseSetups(t *testing.T) {
	found, err := parseSetups([]byte(`[{"Id":"x","Image":"sha256:1","Config":{"User":"1","StopSignal":"SIGQUIT","StopTimeout":3,"Env":["A=secret"],"Cmd":["a","b"],"Entrypoint":null},
		"HostConfig":{"PidMode":"host","Init":true,"RestartPolicy":{"Name":"always","MaximumRetryCount":0},"AutoRemove":true,"Tmpfs":{"/t":"size=1m"},"PidsLimit":null},
		"Mounts":[{"Type":"bind","Source":"/a","Destination":"/b","RW":false}],"State":{"Health":{"Status":"healthy"}}}]`))
	s, ok := found["x"]
	if err != nil || !ok || s.Config.StopSignal != "SIGQUIT" || *s.Config.StopTimeout != 3 || !*s.HostConfig.Init || s.State.Health.Status != "healthy" || len(s.Mounts) != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	if strings.Contains(fmt.Sprintf("%+v", s), "secret") {
		t.Error("environment variables were decoded")
	}
	if _, err := parseSetups([]byte(`{`)); err == nil {
		t.Error("nonsense was understood")
	}
}

func TestLines(t *testing.T) {
	var got []string
	l := &lines{each: func(line []byte) { got = append(got, string(line)) }}
	for _, part := range []string{"on", "e\ntwo\n\nth", strings.Repeat("x", maxLine*2), "y\n", "end"} {
		if n, err := l.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	l.flush()
	if len(got) != 5 || got[0] != "one" || got[1] != "two" || got[2] != "" || !strings.HasPrefix(got[3], "thxx") || len(got[3]) > maxLine+1 || got[4] != "end" {
		t.Errorf("%d lines", len(got))
	}
}

func TestParseDaemonConfig(t *testing.T) {
	if n, err := parseDaemonConfig([]byte(`{"default-stop-timeout": 30, "x": {"y": 1}}`)); err != nil || n == nil || *n != 30 {
		t.Error(n, err)
	}
	if n, err := parseDaemonConfig([]byte(`{}`)); err != nil || n != nil {
		t.Error(n, err)
	}
	if _, err := parseDaemonConfig([]byte(`{"default-stop-timeout": "x"}`)); err == nil {
		t.Error("understood")
	}
}
