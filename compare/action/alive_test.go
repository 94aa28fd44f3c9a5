package action

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// A start has no cgroup before it, and what keeps the new run from acting is found in the one after it.
func TestWayOutAfterStart(t *testing.T) {
	r := done(value.Start, after(func(c *dockercli.Container) { c.State.Status, c.State.Running = "running", true }), func(r *record) {
		r.Group, r.Now = nil, &cgroupfs.Group{Version: 1}
		r.Below = []cgroupfs.FrozenBelow{{Path: "/cg/in", Frozen: figure.Number(1), Members: []int{43}}}
		r.ReadAfter.Freezer = cgroupfs.Freezer{Requested: figure.Number(1), Frozen: figure.Number(1), By: "/cg"}
	})
	r.judge()
	if got := strings.Join(r.wayOut(), "; "); got != "echo THAWED > /cg/in/freezer.state; echo THAWED > /cg/freezer.state" {
		t.Error(got)
	}
	fix := strings.Join(r.advice(&verdict.Verdict{}), "; ")
	if fix != "`echo THAWED > /cg/in/freezer.state`; `echo THAWED > /cg/freezer.state`" {
		t.Error(fix)
	}
}

// What the kernel shows counts, whatever Docker says: the verdict, the exit code, the way out and the way back.
func TestAliveAndFrozen(t *testing.T) {
	self, err := proc.OpenProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	lives := func(r *record) { r.Process = self }
	unreachable := func(r *record) {
		f := prediction.Facts{Signal: unix.SIGTERM, Target: prediction.SignalTarget{First: prediction.Process{PID: 42, Name: "app",
			FirstThreadEnded: true}}}
		r.expected.facts = &f
	}
	says := func(status string, code int) func(*record) {
		return after(func(c *dockercli.Container) { c.State.Status, c.State.ExitCode = status, code }, func(c *dockercli.Container) {
			c.State.Running = status == "running"
		})
	}
	below := func(r *record) {
		r.Below = []cgroupfs.FrozenBelow{{Path: "/cg/in", Frozen: figure.Number(1), Members: []int{43}}}
	}
	requested := func(r *record) {
		r.ReadAfter.Freezer = cgroupfs.Freezer{Requested: figure.Number(1), Frozen: figure.Number(0), By: "/cg"}
	}
	lost := func(r *record) { r.Before.State, r.Left = dockercli.State{Status: "exited"}, []int{43} }
	failed := func(r *record) { r.CommandErr = refused }
	killed := func(r *record) { r.EventsSeen = kills("9") }
	for _, c := range []struct {
		name     string
		record   *record
		want     verdict.Kind
		exitCode value.Reason // why there is no exit code
		fix      string
		undo     string
	}{
		{"kill, Docker says exited", done(value.Kill, lives, unreachable, says("exited", 255), killed), verdict.RunsOn, value.NotMeasured,
			"kill -TERM 42", "kill -TERM 42"},
		{"stop, Docker says exited", done(value.Stop, lives, unreachable, says("exited", 0), killed), verdict.RunsOn, value.NotMeasured,
			"kill -TERM 42", "kill -TERM 42"},
		{"kill, and nothing is known of the first thread", done(value.Kill, lives, says("exited", 255), killed), verdict.RunsOn,
			value.NotMeasured, "", ""},
		{"its cgroup still has processes", done(value.Kill, ended(0, 137, kills("9")...), frozen(0, 0),
			func(r *record) { r.Left = []int{43} }), verdict.RunsOn, value.NotMeasured, "", ""},
		{"kill, a frozen cgroup below", done(value.Kill, lives, says("running", 0), frozen(0, 0), failed, killed, below,
			func(r *record) { r.killPending = "/proc/42/status: ShdPnd" }), verdict.RunsOn, value.NotMeasured,
			"echo 0 > /cg/in/cgroup.freeze", "echo 0 > /cg/in/cgroup.freeze"},
		{"unpause, a frozen cgroup below", done(value.Unpause, says("running", 0), frozen(1, 0), below), verdict.Resumed, "",
			"echo 0 > /cg/in/cgroup.freeze", "echo 0 > /cg/in/cgroup.freeze"},
		{"pause of what Docker takes for ended", done(value.Pause, lost, says("exited", 0), failed, frozen(0, 0)), verdict.RunsOn,
			value.NotMeasured, "", "kill -TERM 43"},
		{"stop of what Docker takes for ended", done(value.Stop, lost, says("exited", 0)), verdict.RunsOn, value.NotMeasured, "",
			"kill -TERM 43"},
		{"pause, and the first process has just ended", done(value.Pause, says("exited", 0), failed, frozen(0, 0)), verdict.Exited, "", "",
			"docker start web"},
		{"a pause that failed leaves its request", done(value.Pause, says("running", 0), failed, requested), verdict.FreezeIncomplete, "",
			"echo 0 > /cg/cgroup.freeze", "echo 0 > /cg/cgroup.freeze"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, why := c.record.judge()
			if v == nil || v.Kind != c.want {
				t.Fatalf("%+v, %s", v, why)
			}
			if c.exitCode != "" && c.record.EndedWith().Reason() != c.exitCode {
				t.Errorf("exit code %+v", c.record.EndedWith())
			}
			if fix := strings.Join(c.record.advice(v), "; "); !strings.Contains(fix, c.fix) {
				t.Errorf("fix %q", fix)
			}
			if undo := c.record.restore(); undo.Command != c.undo {
				t.Errorf("undo %+v", undo)
			}
		})
	}
}
