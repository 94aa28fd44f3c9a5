package dockercli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
)

// No way of printing shows the values; the file in memory holds those that docker's format can hold, and the others are
// named.
func TestEnvironment(t *testing.T) {
	env := carried([]string{"A=secret", "B=", "C=a=b c ", "D=secret\nmore", "#E=secret", "F G=secret", "H=secret\xff", "=secret", "I", "\u00a0J=secret",
		"\u00a0=secret", "\u3000K=secret", "\ufeffL=secret", "M=secret\r", "N\u00a0O=secret", "P=" + strings.Repeat("secret", 11000), "Q\x1b\nR=secret"})
	text, _ := json.Marshal(map[string]any{"x": env})
	for _, shown := range []string{fmt.Sprint(env), fmt.Sprintf("%v %+v %#v %s %q", env, env, env, env, env), fmt.Sprintf("%+v", struct{ E Environment }{env}), string(text),
		fmt.Sprintf("%+v", env.Refused())} {
		if strings.Contains(shown, "secret") {
			t.Errorf("shown: %s", shown)
		}
	}
	f, err := env.file()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil || string(data) != "A=secret\nB=\nC=a=b c \nN\u00a0O=secret\n" {
		t.Errorf("%q, %v", data, err)
	}
	var names []string
	for _, r := range env.Refused() {
		names = append(names, r.Name)
	}
	if got := strings.Join(names, " "); got != "D #E F G H number 8 I <U+00A0>J <U+00A0> <U+3000>K <U+FEFF>L M P Q␛␊R" {
		t.Error(got)
	}
}

// Docker's words are not repeated where they quote a variable.
func TestEnvironmentInDockersWords(t *testing.T) {
	env := carried([]string{"TOKEN=ENVSECRET", "QUOTED=EN\"V\\SECRET", "SHORT=1", "PATH=/usr/bin:/bin"})
	for words, want := range map[string]string{
		"poorly formatted environment: variable 'ENVSECRET' contains whitespaces": "in words that may quote one of them",
		"invalid env file (/dev/fd/3): bad key: TOKEN=ENVSECRET":                  "; they name TOKEN",
		`exec: "ENVSECRET": executable file not found in $PATH`:                   `exec: "$TOKEN": executable file not found in $PATH`,
		`exec: "EN\"V\\SECRET": no such file`:                                     `exec: "$QUOTED": no such file`,
		"bad SHORT=1 on line 1":                                                   "bad SHORT=$SHORT on line 1",
		"no such image: nginx":                                                    "no such image: nginx",
	} {
		_, err := fake(t, "cat >&2 <<'END'\n"+words+"\nEND\nexit 125").RunLike(t.Context(), env, nil, "nginx")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", words, err)
		}
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
