package prediction

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs/proc"
)

// TestReadOptions checks what the arguments and the environment of inits and wrappers are read to mean.
func TestReadOptions(t *testing.T) {
	for _, c := range []struct {
		line        string
		environment map[string]string
		want        Options
	}{
		{"tini -- app", nil, Options{}},
		{"tini -g -- app", nil, Options{Group: true, From: "-g"}},
		{"tini -sg -e 143 -e7 -- app -e 5", nil, Options{Group: true, From: "-g", ZeroFor: []int{143, 7}}},
		{"tini app -- -g", nil, Options{}},
		{"tini -p SIGKILL -w -- app -g", nil, Options{}},
		{"tini app -g", nil, Options{Group: true, From: "-g"}}, // its getopt permutes
		{"docker-init -- app", map[string]string{"TINI_KILL_PROCESS_GROUP": ""}, Options{Group: true, From: "TINI_KILL_PROCESS_GROUP"}},
		{"catatonit -g -- app", nil, Options{Group: true, From: "-g"}},
		{"catatonit -- app -g", nil, Options{}},
		{"timeout 5 app -k 3", nil, Options{OwnGroup: true}},
		{"timeout -k 1m --foreground 5 app", nil, Options{From: "--foreground", KillAfter: time.Minute}},
		{"timeout --kill-after=0.5 -s INT 5 app", nil, Options{OwnGroup: true, KillAfter: time.Second / 2}},
		{"sudo -u nobody app", nil, Options{}},
	} {
		fields := strings.Fields(c.line)
		got := ReadOptions(fields[0], fields, c.environment)
		got.Rewrites = nil
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, wanted %+v", c.line, got, c.want)
		}
	}
	for line, want := range map[string]bool{"dumb-init app": true, "dumb-init -c app": false, "dumb-init --single-child -- app": false} {
		if got := ReadOptions("dumb-init", strings.Fields(line), nil); got.Group != want {
			t.Errorf("%s: %+v", line, got)
		}
	}
	if got := ReadOptions("dumb-init", []string{"dumb-init", "app"}, map[string]string{"DUMB_INIT_SETSID": "0"}); got.Group {
		t.Errorf("%+v", got)
	}
}

// TestInitName checks that the name alone makes no init of a program.
func TestInitName(t *testing.T) {
	for name, c := range map[string]struct {
		p    Process
		want string
	}{
		"tini":                     {Process{Program: "tini"}, "tini"},
		"another build of tini":    {Process{Program: "tini-static-muslc-amd64"}, "tini"},
		"a Go program called tini": {Process{Program: "tini", Go: &proc.GoProgram{}}, ""},
		"supervisord":              {Process{Program: "python3.11", Name: "supervisord"}, "supervisord"},
		"python supervisord.py": {Process{Program: "python3", Name: "python3", Arguments: []string{"python3",
			"/x/supervisord.py"}}, "supervisord"},
		"a Go program called supervisord": {Process{Program: "supervisord", Name: "supervisord", Go: &proc.GoProgram{}}, ""},
		"a shell script called tini":      {Process{Program: "dash", Name: "tini"}, ""},
		"npm":                             {Process{Program: "node", Name: "npm start", Arguments: []string{"npm start"}}, "npm"},
		"npm run": {Process{Program: "node", Name: "npm run start:pr", Arguments: []string{"npm run start:prod"}},
			"npm"},
		"yarn": {Process{Program: "node", Name: "node", Arguments: []string{"node", "/usr/bin/yarn.js",
			"start"}}, "yarn"},
		"node":                  {Process{Program: "node", Name: "node", Arguments: []string{"node", "server.js"}}, ""},
		"busybox init":          {Process{Program: "busybox", Applet: "init"}, "busybox init"},
		"GNU timeout":           {Process{Program: "timeout"}, "timeout"},
		"timeout of coreutils":  {Process{Program: "coreutils", Applet: "timeout"}, "timeout"},
		"busybox timeout":       {Process{Program: "busybox", Applet: "timeout"}, ""}, // the timer; the program is its parent
		"sysvinit":              {Process{Program: "init", Caught: 0x280b2e03, Ignored: 0xfffffffe57f0d0fc}, "sysvinit"},
		"a program called init": {Process{Program: "init", Name: "init"}, ""},
	} {
		if got := InitName(&c.p); got != c.want {
			t.Errorf("%s: %q, wanted %q", name, got, c.want)
		}
	}
}

// TestApplet checks that one executable with many programs is told by its arguments.
func TestApplet(t *testing.T) {
	for _, c := range []struct{ program, line, want string }{
		{"busybox", "busybox tail -f /dev/null", "tail"}, {"busybox", "sleep 3", "sleep"}, {"busybox", "/bin/sh /start.sh", "sh"},
		{"busybox", "-sh", "sh"}, {"busybox", "/bin/busybox httpd -f", "httpd"}, {"busybox", "", ""}, {"busybox", "busybox", ""},
		{"dash", "sh -c x", ""}, {"coreutils", "/usr/bin/sleep 5", "sleep"}, {"toybox", "toybox sleep 5", "sleep"},
		{"coreutils", "/usr/bin/coreutils --coreutils-prog-shebang=sleep /usr/bin/sleep 5", "sleep"},
	} {
		if got := Applet(c.program, strings.Fields(c.line)); got != c.want {
			t.Errorf("%s, %s: %q, wanted %q", c.program, c.line, got, c.want)
		}
	}
}

// FuzzReadOptions reads arguments, which a program may have overwritten with anything.
func FuzzReadOptions(f *testing.F) {
	f.Add("tini -g -e 143 -- app")
	f.Add("dumb-init -r15:3 --rewrite=1:0 app")
	f.Add("timeout -k 1m --foreground 5 app")
	f.Fuzz(func(t *testing.T, line string) {
		arguments := strings.Split(line, " ")
		for name := range Inits {
			ReadOptions(name, arguments, nil)
		}
		p := Process{Program: "busybox", Name: arguments[0], Arguments: arguments}
		p.Applet = Applet(p.Program, arguments)
		if name := InitName(&p); name != "" && name != "busybox init" {
			t.Errorf("%q is %s", line, name)
		}
		if left := p.sleepLeft(); left != nil {
			t.Errorf("%q sleeps for %s, whatever its age", line, left)
		}
		uwsgiOptions(&p)
	})
}
