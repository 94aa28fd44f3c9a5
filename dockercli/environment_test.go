package dockercli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// No way of printing shows the values. The file in memory holds those that docker's format can hold, and the others are named.
func TestEnvironment(t *testing.T) {
	env := newEnvironment([]string{"A=secret", "B=", "C=a=b c ", "D=secret\nmore", "#E=secret", "F G=secret", "H=secret\xff", "=secret", "I",
		"\u00a0J=secret", "\u00a0=secret", "\u3000K=secret", "\ufeffL=secret", "M=secret\r", "N\u00a0O=secret",
		"P=" + strings.Repeat("secret", 11000), "Q\x1b\nR=secret"})
	text, _ := json.Marshal(map[string]any{"x": env})
	for _, shown := range []string{fmt.Sprint(env), fmt.Sprintf("%v %+v %#v %s %q", env, env, env, env, env), string(text),
		fmt.Sprintf("%+v", struct{ E Environment }{env}), fmt.Sprintf("%+v", env.Refused())} {
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

// Variables that the user adds reach docker as arguments, after those of the other container, and show up in no error and in no
// log line.
func TestEnvironmentWith(t *testing.T) {
	file := filepath.Join(t.TempDir(), "vars")
	if err := os.WriteFile(file, []byte("# a comment\n\n FROMFILE=FILESECRET\nPASSED\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PASSED", "PASSEDSECRET")
	env := newEnvironment([]string{"A=LIKESECRET"}).With([]string{"B=EQ=SECRET two", "PASSED"}, []string{file})
	var log bytes.Buffer
	client := fake(t, `echo got FILESECRET PASSEDSECRET EQ=SECRET two >&2; exit 125`)
	client.Log = zerolog.New(&log)
	for verb, make := range map[string]func() (string, error){
		"run --detach": func() (string, error) {
			return client.RunLike(t.Context(), env, []string{"--tty"}, "nginx", "--env", "C=shown")
		},
		"create": func() (string, error) {
			return client.CreateLike(t.Context(), env, []string{"--tty"}, "nginx", "--env", "C=shown")
		},
	} {
		_, err := make()
		want := verb + " --pull never --env-file /dev/fd/3 --tty --env-file " + file + " --env 'B=…' --env PASSED -- nginx --env C=shown"
		if err == nil || !strings.HasSuffix(err.Error(), want) ||
			!strings.Contains(err.Error(), ": got $FROMFILE $PASSED $B; ") || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%v\nwanted %s", err, want)
		}
		doing := map[string]string{"run --detach": "starting", "create": "creating"}[verb]
		if !strings.HasPrefix(fmt.Sprint(err), doing+" a container of nginx: ") {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if text := log.String(); strings.Contains(text, "SECRET") || !strings.Contains(text, `"B=…"`) {
		t.Error(text)
	}
	args := []string{"run", "--env", "A=1"}
	if shown := hideVariables(args); shown[2] != "A=…" || args[2] != "A=1" {
		t.Errorf("%q, %q", shown, args)
	}
}

// Docker's standard error is not repeated where it quotes a variable.
func TestEnvironmentInStderr(t *testing.T) {
	env := newEnvironment([]string{"TOKEN=ENVSECRET", "QUOTED=EN\"V\\SECRET", "SHORT=1", "PATH=/usr/bin:/bin"})
	for stderr, want := range map[string]string{
		"poorly formatted environment: variable 'ENVSECRET' contains whitespaces": "may contain one of them",
		"invalid env file (/dev/fd/3): bad key: TOKEN=ENVSECRET":                  "; it names TOKEN",
		`exec: "ENVSECRET": executable file not found in $PATH`:                   `exec: "$TOKEN": executable file not found in $PATH`,
		`exec: "EN\"V\\SECRET": no such file`:                                     `exec: "$QUOTED": no such file`,
		"bad SHORT=1 on line 1":                                                   "bad SHORT=$SHORT on line 1",
		"no such image: nginx":                                                    "no such image: nginx",
	} {
		_, err := fake(t, "cat >&2 <<'END'\n"+stderr+"\nEND\nexit 125").RunLike(t.Context(), env, nil, "nginx")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", stderr, err)
		}
	}
}
