package why

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/rules/past"
	"haltscope/dockercli"
)

var zero = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

func after(seconds float64) time.Time { return zero.Add(time.Duration(seconds * float64(time.Second))) }

// events makes events of words such as start@1, die:137@5.2 or kill:9@5.
func events(t *testing.T, words string) (all []dockercli.Event) {
	t.Helper()
	for _, word := range strings.Fields(words) {
		what, when, _ := strings.Cut(word, "@")
		action, attribute, _ := strings.Cut(what, ":")
		var seconds float64
		if _, err := fmt.Sscan(when, &seconds); err != nil {
			t.Fatal(word, err)
		}
		e := dockercli.Event{Action: action, ID: "c0ffee", Name: "web", Time: after(seconds)}
		switch action {
		case "kill":
			e.Signal = attribute
		case "die":
			e.ExitCode = attribute
		}
		all = append(all, e)
	}
	return all
}

// text writes runs down, such as "1-5.2 137 kill,die,stop; ?-9 inspected".
func text(runs []run) string {
	var all []string
	for _, r := range runs {
		when := func(t *time.Time) string {
			if t == nil {
				return "?"
			}
			return fmt.Sprint(t.Sub(zero).Seconds())
		}
		one := when(r.started) + "-" + when(r.ended)
		if r.code != "" {
			one += " " + r.code
		}
		for i, e := range r.events {
			one += map[bool]string{true: " ", false: ","}[i == 0] + e.Action
		}
		for _, word := range []struct {
			text string
			is   bool
		}{{" inspected", r.inspected}, {" policy", r.byPolicy}, {" at once", r.atOnce}} {
			if word.is {
				one += word.text
			}
		}
		all = append(all, one)
	}
	return strings.Join(all, "; ")
}

func TestRunsOf(t *testing.T) {
	// state makes a container; times are in seconds, and 0 is Docker's zero.
	state := func(status string, started, finished float64, restarts int) *dockercli.Container {
		c := &dockercli.Container{RestartCount: restarts}
		c.State.Status, c.State.Running = status, status == "running" || status == "paused" || status == "restarting"
		if started != 0 {
			c.State.StartedAt = after(started)
		}
		if finished != 0 {
			c.State.FinishedAt = after(finished)
		}
		return c
	}
	failed := state("exited", 1, 5, 0)
	failed.State.Error = "no such file"
	for name, c := range map[string]struct {
		events    string
		container *dockercli.Container
		want      string
	}{
		"stopped": {"create@0.5 start@1 kill:15@5 die:0@5.1 stop@5.2", state("exited", 1, 5.05, 0), "1-5.05 0 kill,die,stop inspected"},
		"stopped, 23 and later": {"start@1 kill:15@5 stop@5.1 die:0@5.2", state("exited", 1, 5.05, 0),
			"1-5.05 0 kill,stop,die inspected"},
		"a signal reported late":     {"start@1 die:137@5 kill:9@5.1", state("exited", 1, 5, 0), "1-5 137 die,kill inspected"},
		"its events are gone":        {"", state("exited", 1, 5, 0), "1-5 inspected"},
		"its start is gone":          {"kill:9@5 die:137@5.1", state("exited", 1, 5.05, 0), "1-5.05 137 kill,die inspected"},
		"older events":               {"start@1 die:3@5", state("exited", 100, 200, 0), "1-5 3 die; 100-200 inspected"},
		"never started":              {"create@1", state("created", 0, 0, 0), ""},
		"runs for the first time":    {"create@1 start@2", state("running", 2, 0, 0), ""},
		"runs again, and was killed": {"start@1 kill:9@5 die:137@5.1 start@6", state("running", 6, 5.05, 0), "1-5.1 137 kill,die"},
		"runs again, events gone":    {"", state("running", 6, 5, 0), "?-5"},
		"runs, and got a signal":     {"start@1 kill:1@5", state("running", 1, 0, 0), ""},
		"loops": {"start@1 die:7@2 start@3 die:7@4 start@5 die:7@6", state("restarting", 5, 6, 3),
			"1-2 7 die policy; 3-4 7 die policy; 5-6 7 die inspected policy"},
		"has looped": {"start@1 die:7@2 start@3 die:7@4", state("exited", 3, 4, 1), "1-2 7 die policy; 3-4 7 die inspected"},
		"restarted": {"start@1 kill:15@2 die:0@2.1 stop@2.2 start@2.3 restart@2.4", state("running", 2.3, 2.1, 0),
			"1-2.1 0 kill,die,stop"},
		"removed":                           {"start@1 kill:9@5 die:137@5.1 destroy@5.2", nil, "1-5.1 137 kill,die,destroy"},
		"removed, and its end is not known": {"start@1", nil, ""},
		"its last start failed":             {"start@1 die:3@5", failed, "1-5 3 die"},
		"ended at once":                     {"start@1 die:0@1", state("exited", 1.2, 1, 0), "1-1 0 die inspected at once"},
		"the clock was set back":            {"", state("exited", 5000, 1, 0), "5000-1 inspected"},
		"an OOM kill that it survived":      {"start@1 oom@2 die:3@9", state("exited", 1, 9, 0), "1-9 3 oom,die inspected"},
	} {
		if got := text(runsOf(events(t, c.events), c.container)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestSeenFrom: a history that may have forgotten events begins with its oldest one.
func TestSeenFrom(t *testing.T) {
	for _, c := range []struct {
		events int
		err    error
		want   time.Time // zero for none
	}{{0, nil, zero}, {100, nil, zero}, {255, nil, after(50)}, {256, nil, after(50)}, {100, errNoLog, time.Time{}}} {
		s := &sources{daemonStarted: zero, historyErr: c.err, history: dockercli.History{Events: c.events, Oldest: after(50)}}
		if got := zeroOr(s.seenFrom()); !got.Equal(c.want) {
			t.Errorf("%d events, %v: %s", c.events, c.err, got)
		}
	}
	s := &sources{daemonErr: errNoLog, history: dockercli.History{Events: 100, Oldest: after(50)}}
	if got := zeroOr(s.seenFrom()); !got.Equal(after(50)) {
		t.Errorf("with an unknown daemon: %s", got)
	}
}

// TestRunAt: in a loop of OOM kills, each one is that of the run whose end is nearest.
func TestRunAt(t *testing.T) {
	made := func(pairs ...float64) (all []run) {
		for i := 0; i < len(pairs); i += 2 {
			from, to := after(pairs[i]), after(pairs[i+1])
			all = append(all, run{started: &from, ended: &to})
		}
		return all
	}
	for _, c := range []struct {
		runs      []run
		at        float64
		tolerance time.Duration
		want      int // -1 for none
	}{
		{made(1, 2), 1.5, 0, 0}, {made(1, 2), 2.01, 0, -1}, {made(1, 2), 2.01, time.Second, 0}, {made(1, 2), 0.5, time.Second, 0},
		{made(1, 2, 2.1, 3), 1.99, 50 * time.Millisecond, 0}, {made(1, 2, 2.1, 3), 2.15, 300 * time.Millisecond, 0},
		{made(1, 2, 2.1, 3), 2.9, 300 * time.Millisecond, 1}, {nil, 1, time.Hour, -1},
	} {
		got := runAt(c.runs, after(c.at), 0, c.tolerance)
		if (got == nil) != (c.want < 0) || got != nil && got != &c.runs[c.want] {
			t.Errorf("%v, %s: %v", c.at, c.tolerance, got)
		}
	}
}

// TestLabels: a label named exitCode or signal replaces that of an event, and shows in events that have none of their own.
func TestLabels(t *testing.T) {
	die := dockercli.Event{Action: "die", ID: "c0ffee", Name: "web", ExitCode: "137", Time: after(5)}
	kill := dockercli.Event{Action: "kill", ID: "c0ffee", Name: "web", Signal: "9", Time: after(4.9)}
	plain := dockercli.Event{Action: "start", ID: "c0ffee", Name: "web", Time: after(1)}
	labeled := plain
	labeled.ExitCode, labeled.Signal = "137", "9"
	for name, c := range map[string]struct {
		events      []dockercli.Event
		code        bool
		doubt, hide string
	}{
		"no label":     {events: []dockercli.Event{plain, kill, die}, code: true},
		"a label":      {events: []dockercli.Event{labeled, kill, die}, hide: "a label named exitCode replaces"},
		"nobody knows": {events: []dockercli.Event{kill, die}, code: true, doubt: "may have replaced"},
		"nobody knows, an exec": {events: []dockercli.Event{{Action: "exec_die", ExitCode: "1", Time: after(2)}, kill, die}, code: true,
			doubt: "may have"},
	} {
		sub := subject{id: "c0ffee", events: c.events}
		s := &sources{}
		runs := runsOf(sub.events, nil)
		f := s.facts(&sub, &runs[len(runs)-1])
		if (f.Code != nil) != c.code || !strings.Contains(f.CodeDoubt, c.doubt) || (f.CodeDoubt == "") != (c.doubt == "") ||
			!strings.Contains(f.CodeMissing, c.hide) {
			t.Errorf("%s: %+v", name, f)
		}
		hidden := c.hide != ""
		for _, e := range f.Events {
			if e.Action == "kill" && ((e.Signal == 0) != hidden || (e.Doubt != "") != (c.doubt != "")) {
				t.Errorf("%s: %+v", name, e)
			}
		}
	}
}

// TestDaemonLogOfRun: a line about a stop whose grace ran out is of the run that ended then.
func TestDaemonLogOfRun(t *testing.T) {
	s := &sources{log: &dockercli.DaemonLog{Info: true, From: after(-1000), To: after(1000), Lines: 9,
		Forced: []dockercli.ForcedLine{{ID: "c0ffee", At: after(11), Grace: "10s", Signal: 15},
			{ID: "beef", At: after(100), Grace: "1s", Signal: 15}}}}
	for name, c := range map[string]struct {
		from, to          float64
		id                string
		forced, notForced bool
	}{
		"this run":          {1, 11.05, "c0ffee", true, false},
		"the next run":      {11.2, 15, "c0ffee", false, true},
		"another container": {1, 11.05, "web", false, true},
		"long before":       {1, 60, "c0ffee", false, true},
		"after the log":     {1, 2000, "c0ffee", false, false},
		"before the log":    {-3000, -2000, "c0ffee", false, false},
	} {
		from, to := after(c.from), after(c.to)
		var f past.Facts
		s.addDaemonLog(&f, &subject{id: c.id}, &run{started: &from, ended: &to})
		if (f.Forced != nil) != c.forced || f.NotForced != c.notForced {
			t.Errorf("%s: %+v, %t", name, f.Forced, f.NotForced)
		}
	}
}

// TestUpTo: the log of a dockerd that runs covers the time until now if it was read to its end, and this dockerd logs such things.
func TestUpTo(t *testing.T) {
	for name, c := range map[string]struct {
		lines   int
		to      time.Time
		toEnd   bool
		started time.Time
		want    time.Time
	}{
		"read to its end":           {9, after(5), true, after(1), after(100)},
		"the start is not known":    {9, after(5), true, time.Time{}, after(100)},
		"not read to its end":       {9, after(5), false, after(1), after(5)},
		"no line of this dockerd":   {9, after(5), true, after(60), after(5)},
		"written in whole seconds":  {9, after(5), true, after(5.9), after(100)},
		"no line of the level info": {9, time.Time{}, true, after(1), time.Time{}},
	} {
		log := upTo(&dockercli.DaemonLog{Lines: c.lines, To: c.to}, c.toEnd, c.started, after(100))
		if !log.To.Equal(c.want) {
			t.Errorf("%s: %v", name, log.To)
		}
	}
	if upTo(nil, true, after(1), after(2)) != nil {
		t.Error("a log that could not be read")
	}
}

// TestPlaceBelow: the OOM killer lists only the processes of the cgroup whose limit ran out. Of one within the container, that says
// nothing about the first process of the container.
func TestPlaceBelow(t *testing.T) {
	id := strings.Repeat("c0ffee", 11)[:64]
	for name, c := range map[string]struct {
		limitOf, cgroup string
		place           past.Place
		own             bool
		limit           string
	}{
		"its own": {"/docker/" + id, "/docker/" + id, past.Only, true, "at the container's memory limit"},
		"one within it": {"/docker/" + id + "/job", "/docker/" + id + "/job", past.PlaceUnknown, false,
			"at the limit of a cgroup within the container"},
		"a victim below": {"/docker/" + id, "/docker/" + id + "/job", past.PlaceUnknown, true, "at the container's memory limit"},
		"one above it":   {"/docker", "/docker/" + id, past.PlaceUnknown, false, "at the limit of /docker"},
	} {
		k := &cgroupfs.PastKill{Tasks: []int{42}, OOMVictim: cgroupfs.OOMVictim{PID: 42, Cgroup: c.cgroup, LimitOf: c.limitOf,
			Constraint: "CONSTRAINT_MEMCG"}}
		if got := place(k, id); got != c.place || ownLimit(k, id) != c.own || limit(k, id) != c.limit {
			t.Errorf("%s: %v, %t, %s", name, got, ownLimit(k, id), limit(k, id))
		}
	}
}

// TestMoreMemory: a higher limit helps only where the container's own ran out.
func TestMoreMemory(t *testing.T) {
	limited := &dockercli.HostConfig{Memory: 32 << 20, MemorySwap: 64 << 20}
	const update, who = "docker update --memory 64m --memory-swap 128m web", "haltscope ps --all --sort memory"
	for name, c := range map[string]struct {
		config *dockercli.HostConfig
		kills  []past.OOMKill
		want   string
	}{
		"its own limit":  {limited, []past.OOMKill{{OwnLimit: false}, {OwnLimit: true}}, update},
		"Docker says so": {limited, nil, update},
		"the host's":     {limited, []past.OOMKill{{OwnLimit: false}}, who},
		"no limit":       {&dockercli.HostConfig{}, nil, who},
	} {
		if got := moreMemory(c.config, c.kills, "web"); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestIsTwin: a twin has the name of one and, as long as it exists, the label.
func TestIsTwin(t *testing.T) {
	labeled := func(key string) *dockercli.Container {
		var c dockercli.Container
		if err := json.Unmarshal(fmt.Appendf(nil, `{"Config":{"Labels":{%q:"c0ffee00"}}}`, key), &c); err != nil {
			t.Fatal(err)
		}
		return &c
	}
	for name, c := range map[string]struct {
		sub  subject
		want bool
	}{
		"a twin":          {subject{name: "haltscope-c0ffee00-1-stop", container: labeled("haltscope.run")}, true},
		"a removed one":   {subject{name: "haltscope-c0ffee00-1-stop"}, true},
		"only its name":   {subject{name: "haltscope-c0ffee00-1-stop", container: labeled("a")}, false},
		"only its label":  {subject{name: "web", container: labeled("haltscope.run")}, false},
		"a removed other": {subject{name: "haltscope-web"}, false},
		"name not known":  {subject{}, false},
	} {
		if got := isTwin(c.sub); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestProgramOf: what is in front of the program, or may be.
func TestProgramOf(t *testing.T) {
	asked, not := true, false
	for name, c := range map[string]struct {
		entrypoint, cmd []string
		init            *bool
		pidMode         string
		settings        dockercli.DaemonSettings
		setErr          error
		front           string
		shell           bool
	}{
		"a program":              {cmd: []string{"/bin/app", "-x"}},
		"docker run --init":      {cmd: []string{"app"}, init: &asked, front: "docker-init"},
		"dockerd's init":         {cmd: []string{"app"}, settings: dockercli.DaemonSettings{Init: true}, front: "docker-init"},
		"not dockerd's init":     {cmd: []string{"app"}, init: &not, settings: dockercli.DaemonSettings{Init: true}},
		"dockerd's is not known": {cmd: []string{"app"}, setErr: errNoLog, shell: true},
		"the host's namespace":   {cmd: []string{"app"}, pidMode: "host", settings: dockercli.DaemonSettings{Init: true}},
		"tini":                   {entrypoint: []string{"/usr/bin/tini-static", "--"}, cmd: []string{"app"}, front: "tini"},
		"sudo":                   {cmd: []string{"sudo", "app"}, front: "sudo"},
		"a shell":                {cmd: []string{"/bin/sh", "-c", "app"}, shell: true},
		"a script":               {entrypoint: []string{"/docker-entrypoint.sh"}, cmd: []string{"nginx"}, shell: true},
		"nothing":                {shell: true},
	} {
		s := &sources{settings: c.settings, setErr: c.setErr}
		container := &dockercli.Container{}
		container.Config.Entrypoint, container.Config.Cmd = c.entrypoint, c.cmd
		container.HostConfig.Init, container.HostConfig.PidMode = c.init, c.pidMode
		p := past.Container{NamespaceInit: c.pidMode == ""}
		s.addProgram(&p, container)
		front := p.Front
		if strings.HasPrefix(front, "tini") {
			front = "tini"
		}
		if front != c.front || p.Shell != c.shell {
			t.Errorf("%s: front %q, shell %t", name, p.Front, p.Shell)
		}
	}
}

// TestKernelOfRun: a kill in another container is not of this one, and a fault counts only with its exit code.
func TestKernelOfRun(t *testing.T) {
	id := strings.Repeat("c0ffee", 11)[:64]
	from, to := after(1), after(10)
	victim := func(cgroup string, at float64) cgroupfs.PastKill {
		return cgroupfs.PastKill{At: after(at), Tasks: []int{42}, OOMVictim: cgroupfs.OOMVictim{PID: 42, Name: "app", Cgroup: cgroup,
			LimitOf: cgroup, Constraint: "CONSTRAINT_MEMCG"}}
	}
	s := &sources{read: after(20), kernel: &cgroupfs.KernelPast{Oldest: after(-100), Kills: []cgroupfs.PastKill{
		victim("/docker/"+id, 9.9), victim("/docker/other", 9.9), victim("/system.slice/docker-"+id+".scope", 5), victim("/docker/"+id, 500)},
		Faults: []cgroupfs.Fault{{PID: 7, Name: "app", Text: "segfault", At: after(9.99)}, {PID: 8, Name: "x", Text: "segfault", At: after(5)}}}}
	s.mergeKernel()
	for code, faults := range map[int]int{139: 1, 137: 0} {
		r := run{started: &from, ended: &to}
		runs := []run{r}
		s.assignKills(id, runs)
		f := past.Facts{Code: &code}
		s.addKernel(&f, &subject{id: id}, &runs[0])
		if len(f.Kills) != 2 || f.Kills[0].Place != past.Only || !f.KernelLog || len(f.Faults) != faults {
			t.Errorf("%d: %+v", code, f)
		}
	}
}
