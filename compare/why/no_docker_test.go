package why

import (
	"errors"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/systemd"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// TestWithoutDocker explains what the journal of a watch and the logs tell of containers, by name and by id.
func TestWithoutDocker(t *testing.T) {
	id := func(letter string) string { return strings.Repeat(letter, 64) }
	victim := func(letter string, seconds float64, tasks ...int) cgroupfs.PastKill {
		cgroup := "/docker/" + id(letter)
		return cgroupfs.PastKill{At: after(seconds), Tasks: tasks, OOMVictim: cgroupfs.OOMVictim{PID: 42, Name: "app", Cgroup: cgroup,
			LimitOf: cgroup, Constraint: "CONSTRAINT_MEMCG"}}
	}
	w := &watched{missing: true, containers: map[string]*watchedContainer{}}
	stamp := func(seconds float64) string { return after(seconds).Format(time.RFC3339Nano) }
	name := "web"
	web := &document.WatchContainer{ID: id("a"), Name: &name}
	w.add(&document.WatchLine{Time: stamp(10), Container: web, Action: "start"})
	w.add(&document.WatchLine{Time: stamp(20), Container: web, Action: "die", Verdict: value.Crashed})
	made := func() *sources {
		s := &sources{watched: w, historyErr: dockercli.ErrNoDaemon, read: after(1000), noDocker: dockercli.ErrNoDaemon,
			log: &dockercli.DaemonLog{Forced: []dockercli.ForcedLine{{ID: id("b"), At: after(30), Grace: "10s", Signal: 15},
				{ID: id("b"), At: after(300), Grace: "10s", Signal: 15}, {ID: "e" + id("0")[1:], At: after(70), Grace: "10s", Signal: 15}}},
			kernel: &cgroupfs.KernelPast{Oldest: after(-100), Kills: []cgroupfs.PastKill{victim("c", 40, 42), victim("d", 50, 7, 42),
				victim("a", 19.99, 42)}},
			system: &systemd.Past{Kills: []systemd.Kill{{At: after(60), By: "systemd-oomd", Signal: value.SIGKILL, Done: true,
				Cgroup: "/system.slice/docker-" + id("e") + ".scope"}}}}
		s.mergeKernel()
		s.order = s.inOrder()
		s.addLogged()
		return s
	}
	for _, c := range []struct {
		names []string
		want  string // of each container, the kinds of its ends
		fails string
	}{
		{nil, "web crashed; bbb forced forced; e00 forced; ccc oom-killed; ddd; eee killed", ""},
		{[]string{"web"}, "web crashed", ""},
		{[]string{"bbbb", "nothing"}, "bbb forced forced", "nothing: neither"},
		{[]string{"e"}, "", "beginning of several ids"},
		{[]string{""}, "", "neither the journal"},
		{[]string{"/"}, "", "neither the journal"},
	} {
		s := made()
		subjects, missing := s.logged(c.names)
		var all []string
		for i := range subjects {
			e := s.explain(&subjects[i], Options{Last: 9})
			text := e.document.Name
			if text == "" {
				text = e.document.ID[:3]
			}
			for n := range e.document.Runs {
				r := &e.document.Runs[n]
				text += " " + string(r.Verdict.Kind)
				if sure := r.Verdict.Confidence == value.Certain; sure != (text == "web crashed") {
					t.Errorf("%s is %s", text, r.Verdict.Confidence)
				}
			}
			if e.document.Status != "unknown" || (len(e.document.Warnings) > 0) != (text == "ddd") {
				t.Errorf("%s: %s, %q", text, e.document.Status, e.document.Warnings)
			}
			all = append(all, text)
		}
		if got := strings.Join(all, "; "); got != c.want {
			t.Errorf("%q: %q, want %q", c.names, got, c.want)
		}
		if err := errors.Join(missing...); (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%q: %v", c.names, err)
		}
	}
}
