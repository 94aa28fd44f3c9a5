package acceptance

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"
)

// TestInterruptedStop interrupts a stop during the grace. The report must show the state of the container at that time,
// the log must say that the daemon continues, and the daemon must continue.
func TestInterruptedStop(t *testing.T) {
	const name, grace = "hs-interrupted", "20"
	docker := func(args ...string) string {
		out, err := dockerCmd(args...).CombinedOutput()
		if err != nil {
			t.Fatalf("docker %v: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	docker("run", "--detach", "--name", name, "--network", "none", "haltscope-test/script")
	defer dockerCmd("rm", "--force", name).Run()
	events := exec.Command("docker", "events", "--since", "0s", "--filter", "container="+name, "--filter", "event=kill")
	out, err := events.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := events.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { events.Process.Kill(); events.Wait() }()

	report := filepath.Join(t.TempDir(), "report.json")
	h := start(t, "stop", "-t", grace, "--format", "json", "--output", report, name)
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("docker events reported no kill: %v", err)
	}
	if err := h.Process.Signal(unix.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := h.end(t); code != 130 {
		t.Errorf("exit code %d, wanted 130:\n%s", code, h.log.String())
	}
	for _, want := range []string{"docker may still complete the action", "docker stop " + name + " was abandoned"} {
		if !strings.Contains(h.log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, h.log.String())
		}
	}
	data := readReport(t, report)
	for path, want := range map[string]string{"containers.0.verdict.kind": "inconclusive", "containers.0.state.status": "running"} {
		if got := gjson.GetBytes(data, path).String(); got != want {
			t.Errorf("%s is %q, wanted %q", path, got, want)
		}
	}
	if missing := gjson.GetBytes(data, "containers.0.verdict.missing").String(); !strings.Contains(missing,
		"the daemon may still complete it") {
		t.Errorf("missing: %q", missing)
	}
	deadline := time.Now().Add(3 * time.Minute)
	for docker("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", name) != "exited 137" {
		if time.Now().After(deadline) {
			t.Fatal("the daemon did not complete the stop")
		}
		time.Sleep(500 * time.Millisecond)
	}
	nothingLeft(t)
}

// TestInterruptedBeforeStop interrupts a stop before docker is asked for it. The report must say that nothing was done.
func TestInterruptedBeforeStop(t *testing.T) {
	const name = "hs-untouched"
	if out, err := dockerCmd("run", "--detach", "--name", name, "--network", "none", "--stop-signal", "TERM",
		"haltscope-test/script").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	defer dockerCmd("rm", "--force", name).Run()
	dir := t.TempDir()
	asked := filepath.Join(dir, "asked")
	if err := unix.Mkfifo(asked, 0o600); err != nil {
		t.Fatal(err)
	}
	// The real docker, except that the engine does not answer about images.
	wrapper := filepath.Join(dir, "docker")
	script := "#!/bin/sh\nif [ \"$1\" = image ]; then echo >" + asked + "; sleep 613; fi\nexec docker \"$@\"\n"
	if err := os.WriteFile(wrapper, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(dir, "report")
	h := start(t, "stop", "--docker", wrapper, "--output", report, name)
	if _, err := os.ReadFile(asked); err != nil {
		t.Fatal(err)
	}
	if err := h.Process.Signal(unix.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := h.end(t); code != 130 || !strings.Contains(h.log.String(), "docker stop "+name+" was not run") {
		t.Errorf("exit code %d, wanted 130 and a message that says so:\n%s", code, h.log.String())
	}
	if text, err := os.ReadFile(report); err != nil || !strings.HasPrefix(string(text), name+"  docker stop: nothing was done") {
		t.Errorf("%v: %s", err, text)
	}
	out, err := dockerCmd("inspect", "--format", "{{.State.Status}}", name).Output()
	if err != nil || strings.TrimSpace(string(out)) != "running" {
		t.Errorf("%v: %s", err, out)
	}
}

// TestInterruptedPause interrupts a pause that the daemon completes. The report must say that the container is paused.
func TestInterruptedPause(t *testing.T) {
	const name = "hs-interrupted-pause"
	mustDocker(t, "run", "--detach", "--network", "none", "--name", name, "haltscope-test/script")
	removed(t, name)
	dir := t.TempDir()
	asked := filepath.Join(dir, "asked")
	if err := unix.Mkfifo(asked, 0o600); err != nil {
		t.Fatal(err)
	}
	// The real docker, except that the daemon begins to pause one second after the request, whether or not its client waits.
	wrapper := filepath.Join(dir, "docker")
	script := "#!/bin/sh\nif [ \"$1\" = pause ]; then setsid sh -c 'echo >" + asked +
		"; sleep 1; exec docker \"$@\"' sh \"$@\" & exec sleep 613; fi\nexec docker \"$@\"\n"
	if err := os.WriteFile(wrapper, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(dir, "report.json")
	h := start(t, "pause", "--docker", wrapper, "--format", "json", "--output", report, name)
	if _, err := os.ReadFile(asked); err != nil {
		t.Fatal(err)
	}
	if err := h.Process.Signal(unix.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := h.end(t); code != 130 {
		t.Errorf("exit code %d, wanted 130:\n%s", code, h.log.String())
	}
	data := readReport(t, report)
	for path, want := range map[string]string{"containers.0.verdict.kind": "paused", "containers.0.state.status": "paused",
		"containers.0.undo.command": "docker unpause " + name} {
		if got := gjson.GetBytes(data, path).String(); got != want {
			t.Errorf("%s is %q, wanted %q", path, got, want)
		}
	}
}

// TestPolicyAcrossDaemons checks that what a kill reports about the restart policy is what happens when the daemon
// starts again.
func TestPolicyAcrossDaemons(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := newDaemon(t, dir)
	d.load(t, "haltscope-test/script")
	policies := []string{"always", "on-failure", "unless-stopped"}
	for _, policy := range policies {
		out, err := d.docker("run", "--detach", "--network", "none", "--restart", policy, "--name", policy, "haltscope-test/script")
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	var killed struct {
		Containers []struct {
			Name string
			Undo struct{ Effect string }
		}
	}
	out, err := d.haltscope(append([]string{"kill", "--format", "json"}, policies...)...).Output()
	if err == nil {
		err = json.Unmarshal(out, &killed)
	}
	if err != nil {
		t.Fatalf("haltscope kill: %v: %s", err, out)
	}
	for _, c := range killed.Containers {
		if said := strings.Contains(c.Undo.Effect, "a daemon restart also starts it"); said != (c.Name != "unless-stopped") {
			t.Errorf("%s: %q", c.Name, c.Undo.Effect)
		}
	}
	d.kill(t)
	d.start(t)
	eventually(t, "always and on-failure run again, and unless-stopped does not", func() bool {
		out, err := d.docker("ps", "--format", "{{.Names}}")
		names := strings.Fields(out)
		slices.Sort(names)
		return err == nil && slices.Equal(names, []string{"always", "on-failure"})
	}, d.diagnostics)
}
