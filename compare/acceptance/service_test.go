package acceptance

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	unit   = "haltscope-watch.service"
	dropIn = "/run/systemd/system/" + unit + ".d/test.conf"
)

// TestService installs the Debian package, runs its service under systemd with all restrictions of the unit, and
// removes it.
func TestService(t *testing.T) {
	if _, err := os.Stat("/run/systemd/system"); err != nil || !lab() {
		t.Skip("it changes the machine, so only the lab's systemd machine runs it")
	}
	deb := released(t, "haltscope_*.deb")
	// The lab does not start the journal by default.
	mustRun(t, "systemctl", "start", "systemd-journald.socket", "systemd-journald.service")
	t.Cleanup(func() { exec.Command("dpkg", "--purge", "haltscope").Run() })
	mustRun(t, "dpkg", "--install", deb)

	want := "haltscope " + mustRun(t, "dpkg-deb", "--field", deb, "Version")
	if got := mustRun(t, "/usr/bin/haltscope", "--version"); got != want {
		t.Errorf("--version: %s, wanted %s", got, want)
	}
	files := strings.Fields(mustRun(t, "dpkg", "--listfiles", "haltscope"))
	if state, _ := exec.Command("systemctl", "is-enabled", unit).Output(); strings.TrimSpace(string(state)) != "disabled" {
		t.Errorf("after the installation, the service is %s", state)
	}

	mustRun(t, "systemctl", "enable", unit) // it reloads, too
	mustRun(t, "systemctl", "start", unit)  // it waits until the service reports that it is ready
	waitJournal(t, `"action":"watch"`, 1)
	first := property(t, "MainPID")

	t.Cleanup(func() { dockerCmd("rm", "--force", "hs-served", "hs-served-deaf", "hs-served-oom").Run() })
	docker := func(args ...string) { t.Helper(); mustRun(t, "docker", args...) }
	docker("run", "--detach", "--network", "none", "--name", "hs-served", "haltscope-test/nginx")
	docker("run", "--detach", "--network", "none", "--stop-timeout", "1", "--name", "hs-served-deaf", "haltscope-test/script")
	docker("run", "--detach", "--network", "none", "--name", "hs-served-oom", "--memory", "32m", "--memory-swap", "32m",
		"haltscope-test/busybox", "sleep", "3600")
	for _, name := range []string{"hs-served", "hs-served-oom"} {
		docker("pause", name)
		waitJournal(t, `"name":"`+name+`"},"action":"pause","verdict":"paused".*"source":"cgroup.events: frozen","value":"1"`, 1)
		docker("unpause", name)
	}
	dockerCmd("exec", "hs-served-oom", "tail", "/dev/zero").Run() // the OOM killer kills it
	waitJournal(t, `"name":"hs-served-oom"},"action":"oom".*"source":"memory.events: oom_kill"`, 1)
	checkServiceJournal(t, `"name":"hs-served-oom"},"action":"oom"`)
	answer, err := client.Get("http://127.0.0.1:9417/metrics")
	if err != nil {
		t.Fatal(err)
	}
	metrics, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if want := "haltscope_oom_kills_total 1"; !strings.Contains(string(metrics), want) {
		t.Errorf("no %s in the metrics:\n%s", want, metrics)
	}

	// The watch reports what it has just received before it ends.
	docker("stop", "--time", "60", "hs-served")
	docker("stop", "hs-served-deaf")
	mustRun(t, "systemctl", "restart", unit)
	waitJournal(t, `"name":"hs-served"},"action":"stop","verdict":"graceful"`, 1)
	// docker stop returns when docker has sent its stop event, which the watch may not have received: it then says what it has.
	waitJournal(t, `"name":"hs-served-deaf"},"action":"stop","verdict":"`+
		`(forced"|killed".*a stop with a grace of [0-9]+ s, or a separate kill)`, 1)
	waitJournal(t, `"action":"watch"`, 2)
	second := property(t, "MainPID")
	if second == first || property(t, "NRestarts") != "0" {
		t.Errorf("process %s is %s after a restart; systemd has restarted it automatically %s times", first, second, property(t, "NRestarts"))
	}

	// The service survives a restart of the daemon.
	mustRun(t, "systemctl", "restart", "docker.service")
	waitJournal(t, "docker events stream restored", 1)
	if now := property(t, "MainPID"); now != second {
		t.Errorf("process %s was %s before docker's restart", now, second)
	}

	// The watchdog finds a service that hangs. This shortens its timeout from a minute.
	if err := os.MkdirAll(filepath.Dir(dropIn), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		os.RemoveAll(filepath.Dir(dropIn))
		exec.Command("systemctl", "daemon-reload").Run()
	})
	if err := os.WriteFile(dropIn, []byte("[Service]\nWatchdogSec=20s\nRestartSec=100ms\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "systemctl", "daemon-reload")
	mustRun(t, "systemctl", "restart", unit)
	mustRun(t, "kill", "-STOP", property(t, "MainPID"))
	waitJournal(t, `Watchdog timeout`, 1)
	waitJournal(t, `"action":"watch"`, 4)

	mustRun(t, "systemctl", "stop", unit)
	if result := property(t, "Result") + " " + property(t, "ExecMainStatus"); result != "success 0" {
		t.Errorf("it ended with %s", result)
	}

	mustRun(t, "systemctl", "start", unit)
	mustRun(t, "dpkg", "--remove", "haltscope")
	state := property(t, "ActiveState") + " " + property(t, "LoadState")
	if !regexp.MustCompile(`^(inactive|failed) not-found$`).MatchString(state) && state != "inactive masked" {
		t.Errorf("after the removal, the service is %s", state)
	}
	files = append(files, "/etc/systemd/system/multi-user.target.wants/"+unit)
	noFiles(t, files)
	// dpkg knows a removed package with a postrm script until it is purged. The journal of the watch stays as long.
	checkServiceJournal(t, `"name":"hs-served-oom"},"action":"oom"`)
	mustRun(t, "dpkg", "--purge", "haltscope")
	if left, err := exec.Command("dpkg-query", "--show", "haltscope").CombinedOutput(); err == nil {
		t.Errorf("dpkg still knows it: %s", left)
	}
	if _, err := os.Stat(serviceJournal); err == nil {
		t.Errorf("%s is left", serviceJournal)
	}
}

// noFiles checks that the files of a package are gone. Its folders may be those of others.
func noFiles(t *testing.T, files []string) {
	t.Helper()
	for _, file := range files {
		if info, err := os.Lstat(file); err == nil && !info.IsDir() {
			t.Errorf("%s is left", file)
		}
	}
}

// serviceJournal is the folder in which the service keeps its lines.
const serviceJournal = "/var/lib/haltscope"

// checkServiceJournal checks that the service keeps a line, for root only.
func checkServiceJournal(t *testing.T, text string) {
	t.Helper()
	file := filepath.Join(serviceJournal, "watch-00000001.jsonl")
	eventually(t, text, func() bool {
		lines, _ := os.ReadFile(file)
		return strings.Contains(string(lines), text)
	}, func() string { return mustRun(t, "ls", "-l", serviceJournal) })
	if modes := mustRun(t, "stat", "--format", "%a %U", serviceJournal, file); modes != "700 root\n600 root" {
		t.Errorf("the modes of the journal: %s", modes)
	}
}

// waitJournal waits until n lines of the service's journal match the pattern.
func waitJournal(t *testing.T, pattern string, n int) {
	t.Helper()
	line := regexp.MustCompile("(?m)^.*" + pattern + ".*$")
	journal := func() string {
		out, _ := exec.Command("journalctl", "--unit", unit, "--output", "cat", "--no-pager").Output()
		return string(out)
	}
	eventually(t, pattern, func() bool { return len(line.FindAllString(journal(), -1)) >= n }, journal)
}

// property returns a property of the unit.
func property(t *testing.T, name string) string {
	t.Helper()
	return mustRun(t, "systemctl", "show", "--value", "--property", name, unit)
}
