package dockercli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The default grace of a daemon, by its command line and its configuration.
func TestDaemonStopTimeout(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	thirty, none := file("thirty", `{"default-stop-timeout": 30, "x": {"y": 1}}`), file("none", `{}`)
	text, broken := file("text", `{"default-stop-timeout": "x"}`), file("broken", `{`)
	long := file("long", `{"default-stop-timeout": 30}`+strings.Repeat(" ", maxDaemonConfig))
	fifo := filepath.Join(dir, "fifo")
	if err := unix.Mkfifo(fifo, 0o644); err != nil {
		t.Fatal(err)
	}
	const no = -1
	for name, c := range map[string]struct {
		arguments []string
		want      int
		from      string
		fails     bool
	}{
		"configuration": {[]string{"dockerd", "--config-file", thirty}, 30, "default-stop-timeout in " + thirty, false},
		"configuration, joined": {[]string{"dockerd", "-H", "fd://", "--config-file=" + thirty}, 30,
			"default-stop-timeout in " + thirty, false},
		"configuration without": {[]string{"dockerd", "--config-file", none}, no, "", false},
		"no configuration":      {[]string{"dockerd", "--config-file", filepath.Join(dir, "missing")}, no, "", false},
		"flag":                  {[]string{"dockerd", "--default-stop-timeout=7"}, 7, "dockerd --default-stop-timeout", false},
		"flag, over a file": {[]string{"dockerd", "--default-stop-timeout", "0", "--config-file", thirty}, 0,
			"dockerd --default-stop-timeout", false},
		"flag without a value":    {[]string{"dockerd", "--config-file", none, "--default-stop-timeout"}, no, "", false},
		"flag that is no number":  {[]string{"dockerd", "--default-stop-timeout=x"}, no, "", true},
		"configuration, a text":   {[]string{"dockerd", "--config-file", text}, no, "", true},
		"configuration, broken":   {[]string{"dockerd", "--config-file", broken}, no, "", true},
		"configuration, a folder": {[]string{"dockerd", "--config-file", dir}, no, "", true},
		"configuration, too long": {[]string{"dockerd", "--config-file", long}, no, "", true},
		"configuration, a device": {[]string{"dockerd", "--config-file", "/dev/zero"}, no, "", true},
		"configuration, a FIFO":   {[]string{"dockerd", "--config-file", fifo}, no, "", true}, // nobody writes to it
	} {
		seconds, from, err := DaemonStopTimeout(c.arguments)
		got := no
		if seconds != nil {
			got = *seconds
		}
		if got != c.want || from != c.from || (err != nil) != c.fails {
			t.Errorf("%s: %d from %q, %v", name, got, from, err)
		}
	}
}

// What a daemon does with containers, by its command line and its configuration.
func TestReadDaemonSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "daemon.json")
	for name, c := range map[string]struct {
		file  string
		flags []string
		want  DaemonSettings
		fails bool
	}{
		"configuration":           {file: `{"init": true, "live-restore": true}`, want: DaemonSettings{Init: true, LiveRestore: true}},
		"configuration, no":       {file: `{"init": false}`},
		"configuration without":   {file: `{"debug": true}`},
		"flags":                   {file: `{}`, flags: []string{"--init", "--live-restore"}, want: DaemonSettings{Init: true, LiveRestore: true}},
		"flag, no":                {file: `{}`, flags: []string{"--init=false"}},
		"flag, neither":           {file: `{}`, flags: []string{"--init=x"}, fails: true},
		"flag with another name":  {file: `{}`, flags: []string{"--init-path=/x"}},
		"configuration, a number": {file: `{"init": 1}`, fails: true},
	} {
		if err := os.WriteFile(path, []byte(c.file), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := ReadDaemonSettings(append([]string{"dockerd", "--config-file", path}, c.flags...))
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Where a daemon listens, by its command line and its configuration.
func TestDaemonHosts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "daemon.json")
	for name, c := range map[string]struct {
		file  string
		flags []string
		want  []string
		fails bool
	}{
		"default": {file: `{}`},
		"systemd": {file: `{}`, flags: []string{"-H", "fd://", "--containerd=/run/c.sock"}, want: []string{"fd://"}},
		"joined": {file: `{}`, flags: []string{"-Hfd://", "-H=tcp://:1", "--host=unix://"},
			want: []string{"fd://", "tcp://:1", "unix://"}},
		"two":           {file: `{}`, flags: []string{"--host", "fd://", "-H", "tcp://:2375"}, want: []string{"fd://", "tcp://:2375"}},
		"no value":      {file: `{}`, flags: []string{"-H"}},
		"configuration": {file: `{"hosts": ["unix:///a", "tcp://:2376"]}`, want: []string{"unix:///a", "tcp://:2376"}},
		"broken":        {file: `{"hosts": "fd://"}`, fails: true},
	} {
		if err := os.WriteFile(path, []byte(c.file), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := DaemonHosts(append([]string{"dockerd", "--config-file", path}, c.flags...))
		if !slices.Equal(got, c.want) || (err != nil) != c.fails {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
