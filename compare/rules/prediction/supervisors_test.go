package prediction

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
)

// TestSupervisors checks which signals end a supervisor.
func TestSupervisors(t *testing.T) {
	supervised := func(name string, s unix.Signal, change ...func(*Facts)) Facts {
		return facts(first(), append([]func(*Facts){underInit(name, nil), signal(s)}, change...)...)
	}
	script := func(f *Facts) { f.Target.Scripts = map[unix.Signal]string{quit: "/run/service/.s6-svscan/SIGQUIT"} }
	deaf := func(f *Facts) { f.Target.First.Caught = 0 }
	reboots := func(f *Facts) { f.Target.First.CanReboot = true }
	services := under(&verdict.SignalTarget{Caught: true})
	for name, c := range map[string]struct {
		facts Facts
		want  string
		why   string
	}{
		"s6-svscan, TERM":             {supervised("s6-svscan", term), "graceful|forced", "ends on TERM"},
		"s6-svscan, HUP":              {supervised("s6-svscan", unix.SIGHUP), "forced", "does not end it"},
		"s6-svscan, WINCH":            {supervised("s6-svscan", unix.SIGWINCH), "forced", "does not end it"},
		"s6-svscan, RTMIN+3":          {supervised("s6-svscan", 37, deaf), "forced", "drops SIGRTMIN+3"},
		"s6-svscan with SIGQUIT":      {supervised("s6-svscan", quit, script), "graceful|forced", "/run/service/.s6-svscan/SIGQUIT"},
		"supervisord, INT":            {supervised("supervisord", intr), "graceful|forced", "stopwaitsecs"},
		"supervisord, HUP":            {supervised("supervisord", unix.SIGHUP), "forced", "does not end it"},
		"supervisord, USR2":           {supervised("supervisord", unix.SIGUSR2), "forced", "does not end it"},
		"openrc-init, TERM":           {supervised("openrc-init", term), "forced", "no CAP_SYS_BOOT"},
		"openrc-init that may reboot": {supervised("openrc-init", term, reboots), "graceful|forced", "the runlevel shutdown"},
		"runit, TERM":                 {supervised("runit", term), "forced", "does not end it"},
		"runit, CONT":                 {supervised("runit", unix.SIGCONT), "forced|graceful", "/etc/runit/stopit"},
		"systemd, TERM":               {supervised("systemd", term), "forced", "re-executes"},
		"systemd, RTMIN+4":            {supervised("systemd", 38), "graceful|forced", "RTMIN+3"},
		"systemd, INT":                {supervised("systemd", intr), "graceful|forced", "INT"},
		"runsvdir, HUP":               {supervised("runsvdir", unix.SIGHUP), "failed-stopping", "sends TERM to each runsv"},
		"runsvdir, TERM":              {supervised("runsvdir", term), "graceful", "signals none of its services"},
		"runsvdir with services":      {supervised("runsvdir", term, services), "killed", "its services are killed"},
		"s6-svscan, ABRT":             {supervised("s6-svscan", unix.SIGABRT, services), "killed", "its services are killed"},
		"busybox init, between two waits": {supervised("busybox init", term, func(f *Facts) {
			f.Target.First.Threads[0] = proc.Thread{State: 'S', Blocked: set(term), WaitKnown: true}
		}), "graceful|forced", "CAP_SYS_BOOT"},
		"busybox init, INT":        {supervised("busybox init", intr), "forced", "does not end it"},
		"sysvinit, INT":            {supervised("sysvinit", intr), "forced", "no CAP_SYS_BOOT"},
		"sysvinit, HUP":            {supervised("sysvinit", unix.SIGHUP, reboots), "forced", "does not end it"},
		"sysvinit that may reboot": {supervised("sysvinit", intr, reboots), "forced|graceful", "ctrlaltdel"},
	} {
		o := Predict(c.facts).Stop
		if text(&o) != c.want || !slices.ContainsFunc(o.Because, func(e Evidence) bool { return strings.Contains(e.Value, c.why) }) {
			t.Errorf("%s: %s, %v", name, text(&o), o.Because)
		}
	}
}

// TestAdviceOnSysvinit checks that no advice on sysvinit promises that it ends.
func TestAdviceOnSysvinit(t *testing.T) {
	for _, c := range []struct {
		caught []unix.Signal
		want   string
	}{{[]unix.Signal{term}, "no-wrapper"}, {nil, ""}} {
		got := ""
		for _, a := range Predict(facts(first(), underInit("sysvinit", nil), signal(intr), under(&verdict.SignalTarget{}, c.caught...))).Advice {
			got += brief(a)
		}
		if got != c.want {
			t.Errorf("its service catches %v: %q, wanted %q", c.caught, got, c.want)
		}
	}
}

// TestRebootExitCodes checks the exit codes of an init that ends by reboot(2): not its own.
func TestRebootExitCodes(t *testing.T) {
	for _, name := range []string{"openrc-init", "busybox init"} {
		f := facts(first(), underInit(name, nil), signal(unix.SIGTERM), func(f *Facts) { f.Target.First.CanReboot = true })
		o := Predict(f).Stop
		if want := []int{129, 130, 137}; !slices.Equal(o.ExitCodes, want) || o.OwnExitCode {
			t.Errorf("%s: exit codes %v, of its own: %t; wanted %v", name, o.ExitCodes, o.OwnExitCode, want)
		}
	}
}
