package action

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

func TestSignalNumber(t *testing.T) {
	for _, c := range []struct {
		verb              value.Verb
		asked, configured string
		want              unix.Signal
	}{
		{"kill", "", "", 9}, {"kill", "", "SIGQUIT", 9}, {"kill", "HUP", "SIGQUIT", 1}, {"kill", "1", "", 1},
		{"stop", "", "", 15}, {"stop", "", "SIGQUIT", 3}, {"stop", "", "37", 37}, {"stop", "INT", "SIGQUIT", 2},
		{"rm", "", "SIGQUIT", 9}, {"restart", "", "SIGQUIT", 3}, {"stop", "", "nonsense", 0},
	} {
		if got := SignalNumber(c.verb, c.asked, c.configured); got != c.want {
			t.Errorf("%v: %d", c, got)
		}
	}
}

func TestOptions(t *testing.T) {
	seconds := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		options Options
		timeout *int // of the container
		flags   []string
		signal  unix.Signal
		grace   time.Duration
	}{
		"stop":                        {Options{Verb: value.Stop}, nil, nil, unix.SIGQUIT, 10 * time.Second},
		"stop, the container's grace": {Options{Verb: value.Stop}, seconds(3), nil, unix.SIGQUIT, 3 * time.Second},
		"stop -t, over that":          {Options{Verb: value.Stop, Grace: seconds(0)}, seconds(3), []string{"-t", "0"}, unix.SIGQUIT, 0},
		"stop -t -1":                  {Options{Verb: value.Stop, Grace: seconds(-1)}, nil, []string{"-t", "-1"}, unix.SIGQUIT, -time.Second},
		"stop --signal": {Options{Verb: value.Stop, Signal: "INT"}, nil, []string{"--signal", "INT"}, unix.SIGINT,
			10 * time.Second},
		"kill":          {Options{Verb: value.Kill}, nil, nil, unix.SIGKILL, 10 * time.Second},
		"kill --signal": {Options{Verb: value.Kill, Signal: "1"}, nil, []string{"--signal", "1"}, unix.SIGHUP, 10 * time.Second},
		"pause":         {Options{Verb: value.Pause}, nil, nil, 0, 10 * time.Second},
	} {
		before := container(func(d *dockercli.Container) { d.Config.StopSignal, d.Config.StopTimeout = "SIGQUIT", c.timeout })
		action, err := c.options.action()
		got := c.options.request(action, &before, nil)
		want := slices.Concat([]string{string(c.options.Verb)}, c.flags, []string{"--", "web"})
		if !slices.Equal(got.dockerAction(nil).Args("web"), want) || got.Signal != c.signal || got.Grace != c.grace ||
			got.Verb != c.options.Verb {
			t.Errorf("%s: %+v", name, got)
		}
		if err != nil || action.Verb != c.options.Verb {
			t.Errorf("%s: %+v, %v", name, action, err)
		}
	}
	// The daemon's grace counts where neither the command line nor the container has one.
	thirty := seconds(30)
	for name, c := range map[string]struct {
		option, container *int
		want              time.Duration
	}{"daemon": {nil, nil, 30 * time.Second}, "container": {nil, seconds(3), 3 * time.Second}, "-t 0": {seconds(0), seconds(3), 0}} {
		before := container(func(d *dockercli.Container) { d.Config.StopTimeout = c.container })
		o := Options{Verb: value.Stop, Grace: c.option}
		action, err := o.action()
		if got := o.request(action, &before, thirty); err != nil || got.Grace != c.want || got.Expected() != c.want {
			t.Errorf("%s: %s, %v", name, got.Grace, err)
		}
	}
	for name, o := range map[string]Options{"no signal": {Verb: value.Kill, Signal: "FOO"}, "no such signal": {Verb: value.Kill, Signal: "65"},
		"a grace of centuries": {Verb: value.Stop, Grace: seconds(1 << 40)}} {
		if _, err := o.action(); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// The time that docker may take by design.
func TestExpected(t *testing.T) {
	for _, c := range []struct {
		request Request
		want    time.Duration
	}{
		{Request{Verb: value.Kill, Grace: time.Minute}, 0}, {Request{Verb: value.Stop, Grace: time.Minute}, time.Minute},
		{Request{Verb: value.Restart, Grace: 0}, 0}, {Request{Verb: value.Stop, Grace: -time.Second}, 24 * time.Hour},
	} {
		if got := c.request.Expected(); got != c.want {
			t.Errorf("%s, grace %s: %s", c.request.Verb, c.request.Grace, got)
		}
	}
}
