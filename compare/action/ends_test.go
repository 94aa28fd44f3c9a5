package action

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// A list of ends that nobody made is no empty list, and one that may be incomplete says why.
func TestListEnds(t *testing.T) {
	one := []verdict.Process{{PID: 42, Name: "app"}}
	for _, c := range []struct {
		name   string
		verb   value.Verb
		absent bool // the cgroup: it was not running
		ends   *verdict.Ends
		want   int // how many are listed; −1 for no list
		reason value.Reason
		missed string
	}{
		{name: "an action that ends nothing", verb: value.Pause, want: -1, reason: value.Unsupported},
		{name: "it was not running", verb: value.Stop, absent: true, want: -1, reason: value.Vanished},
		{name: "nobody looked", verb: value.Stop, want: -1, reason: value.NotMeasured},
		{name: "nobody could", verb: value.Stop, ends: &verdict.Ends{Missed: "epoll_create1: too many open files"}, want: -1,
			reason: value.Failed, missed: "epoll_create1: too many open files"},
		{name: "some are missed", verb: value.Stop, ends: &verdict.Ends{All: one, Missed: "process 43 could not be held"}, want: 1,
			missed: "process 43 could not be held"},
		{name: "all", verb: value.Kill, ends: &verdict.Ends{All: one}, want: 1},
		{name: "there were none", verb: value.Stop, ends: &verdict.Ends{}, want: 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &Action{Request: Request{Verb: c.verb}, Initial: Initial{Group: &cgroupfs.Group{}}, Result: Result{Processes: c.ends}}
			if c.absent {
				a.Group = nil
			}
			ends, missed := a.ListEnds()
			got := -1
			if all, ok := ends.Get(); ok {
				got = len(all)
			}
			if got != c.want || ends.Reason() != c.reason || missed != c.missed {
				t.Errorf("%d, %q, missed %q; want %d, %q, %q", got, ends.Reason(), missed, c.want, c.reason, c.missed)
			}
			if c.want < 0 && ends.Detail() == "" {
				t.Error("it does not say why")
			}
		})
	}
}

// A process has an exit code or a signal: the other one does not exist. What is not known is neither.
func TestEndedValues(t *testing.T) {
	after := time.Second
	killed, returned := unix.WaitStatus(9), unix.WaitStatus(3<<8)
	for _, c := range []struct {
		name         string
		process      verdict.Process
		code, signal string
	}{
		{"a signal ended it", verdict.Process{EndedAt: &after, Wait: &killed}, "unsupported", "9"},
		{"it returned", verdict.Process{EndedAt: &after, Wait: &returned}, "3", "unsupported"},
		{"nobody says how", verdict.Process{EndedAt: &after}, "failed", "failed"},
		{"it runs on", verdict.Process{}, "not-measured", "not-measured"},
	} {
		a := &Action{Request: Request{Verb: value.Stop}, Initial: Initial{Group: &cgroupfs.Group{}},
			Result: Result{Processes: &verdict.Ends{All: []verdict.Process{c.process}}}}
		list, _ := a.ListEnds()
		ends, ok := list.Get()
		if !ok || len(ends) != 1 {
			t.Fatalf("%s: %+v", c.name, list)
		}
		if code, signal := shown(ends[0].ExitCode), shown(ends[0].Signal); code != c.code || signal != c.signal {
			t.Errorf("%s: exit code %s, signal %s; want %s, %s", c.name, code, signal, c.code, c.signal)
		}
	}
}

func shown(m value.Maybe[int]) string {
	if n, ok := m.Get(); ok {
		return fmt.Sprint(n)
	}
	return string(m.Reason())
}

// The wrappers in front of a program are a list of names, also if there is none.
func TestVerdictUnder(t *testing.T) {
	for _, under := range [][]string{nil, {"sh"}, {"dumb-init", "my, shell"}} {
		doc := (&Action{Docker: dockercli.New(dockercli.Options{Engine: dockercli.Docker})}).Verdict(verdict.Verdict{Under: under})
		if doc.Under == nil || fmt.Sprintf("%q", doc.Under) != fmt.Sprintf("%q", append([]string{}, under...)) {
			t.Errorf("%q: %q", under, doc.Under)
		}
	}
}

// That nobody could look is a warning, and not an empty list.
func TestCannotObserve(t *testing.T) {
	self, err := proc.OpenProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	var log bytes.Buffer
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 0, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	warnings := zerolog.New(&log).Level(zerolog.WarnLevel)
	end := observeEnds(warnings, &Request{Verb: value.Stop}, &Initial{Group: &cgroupfs.Group{}, Process: self})
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	ends := end(time.Now())
	if ends == nil || ends.All != nil || !strings.Contains(ends.Missed, "too many open files") {
		t.Errorf("%+v", ends)
	}
	if !strings.Contains(log.String(), "cannot observe how its processes end") {
		t.Errorf("log: %q", log.String())
	}
}
