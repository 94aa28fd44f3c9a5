// Package acceptance tests the whole program, the executable that users run, against a real Docker Engine. Each file of
// testdata/script is one story. It needs root, a daemon, and the images of scripts/images; scripts/test sets all up.
package acceptance

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

// haltscope is the executable under test.
var haltscope string

func TestMain(m *testing.M) {
	if os.Getenv(stuckEnv) != "" {
		fmt.Fprintln(os.Stderr, "getting stuck:", stuck())
		os.Exit(1)
	}
	if kinds := os.Getenv(holderEnv); kinds != "" {
		fmt.Fprintln(os.Stderr, "holding memory:", hold(kinds))
		os.Exit(1)
	}
	flag.Parse()
	endDaemonsOnSignal()
	// Stories mostly wait, so many can run at once; an emulated processor has no time to spare.
	if flag.Set("test.parallel", "3"); lab() {
		flag.Set("test.parallel", "1")
	}
	os.Exit(setUp(m))
}

func setUp(m *testing.M) int {
	if err := dockerCmd("image", "inspect", "haltscope-test/nginx", "haltscope-test/ends").Run(); err != nil {
		fmt.Fprintln(os.Stderr, "the test images are not there (run scripts/docker-host start, then scripts/images load):", err)
		return 1
	}
	if haltscope = os.Getenv("HALTSCOPE_BIN"); haltscope == "" {
		dir, err := os.MkdirTemp("", "haltscope")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		haltscope = filepath.Join(dir, "haltscope")
		build := exec.Command("go", "-C", "../..", "build", "-o", haltscope, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building haltscope: %v\n%s", err, out)
			return 1
		}
	}
	// A machine may be busy, and an emulated processor needs tens of seconds for what normally takes one.
	os.Setenv("HALTSCOPE_TIMEOUT", "1m")
	os.Setenv("HALTSCOPE_COMPLETION_TIMEOUT", "1m")
	if lab() {
		os.Setenv("HALTSCOPE_TIMEOUT", "3m")
	}
	code := m.Run()
	if left := twins(); left != "" && code == 0 {
		fmt.Fprintf(os.Stderr, "twins were left:\n%s\n", left)
		return 1
	}
	if out, err := exec.Command(haltscope, "clean").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "haltscope clean: %v\n%s", err, out)
		return 1
	}
	return code
}

// cgroupDriver returns the cgroup driver of the daemon, asked once, because a call of docker takes seconds in the lab.
var cgroupDriver = sync.OnceValues(func() (string, error) {
	out, err := dockerCmd("info", "--format", "{{.CgroupDriver}}").Output()
	return strings.TrimSpace(string(out)), err
})

// publishes reports whether the engine can publish a port of a container: it may have no bridge, or no iptables.
var publishes = sync.OnceValues(func() (bool, error) {
	const name = "haltscope-publishes"
	if dockerCmd("network", "create", "--driver", "bridge", name).Run() != nil {
		return false, nil
	}
	defer dockerCmd("network", "rm", name).Run()
	err := dockerCmd("run", "--rm", "--network", name, "--publish", "127.0.0.1::80", "haltscope-test/busybox", "true").Run()
	return err == nil, nil
})

// lab reports whether the tests run in the emulated lab, where everything takes longer.
func lab() bool { return os.Getenv("HALTSCOPE_LAB") != "" }

// alone lists the stories that look at the whole engine, ask for what it remembers (256 events), or measure the machine. Nothing else
// runs at the same time.
var alone = []string{"churn", "clean", "doctor", "oom", "predict_all", "prove", "ps", "races", "reclaim", "select", "watch", "watch_past",
	"watch_times", "why"}

// TestScripts waits for the tests that need the engine for themselves: those leave processors idle, which the emulated machines use.
func TestScripts(t *testing.T) {
	t.Parallel()
	stories(t, func(name string) bool { return !slices.Contains(alone, name) }, func(*testscript.Env) {})
}

func TestScriptsAlone(t *testing.T) {
	var one sync.Mutex
	stories(t, func(name string) bool { return slices.Contains(alone, name) }, func(e *testscript.Env) {
		one.Lock()
		e.Defer(one.Unlock)
	})
}

// stories runs the selected stories. Each begins with begin.
func stories(t *testing.T, some func(name string) bool, begin func(*testscript.Env)) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files: slices.DeleteFunc(files, func(file string) bool {
			return !some(strings.TrimSuffix(filepath.Base(file), ".txtar"))
		}),
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			begin(e)
			name := strings.TrimPrefix(filepath.Base(e.WorkDir), "script-")
			script, err := txtar.ParseFile(filepath.Join("testdata/script", name+".txtar"))
			if err != nil {
				return err
			}
			lines, err := unmade(string(script.Comment), condition)
			if err != nil {
				return err
			}
			for _, line := range lines {
				notMade(e.T(), name+".txtar:"+line)
			}
			bin := filepath.Join(e.WorkDir, "bin")
			if err := os.Mkdir(bin, 0o755); err != nil {
				return err
			}
			if err := os.Symlink(haltscope, filepath.Join(bin, "haltscope")); err != nil {
				return err
			}
			docker, err := exec.LookPath("docker")
			if err != nil {
				return err
			}
			e.Setenv("PATH", bin+":"+os.Getenv("PATH"))
			e.Setenv("REAL_DOCKER", docker)
			tests, err := os.Executable()
			if err != nil {
				return err
			}
			e.Setenv("TESTS", tests)         // this program: see holderEnv
			e.Setenv("HALTSCOPE", haltscope) // the file itself
			driver, err := cgroupDriver()
			if err != nil {
				return err
			}
			// The story gets its own --cgroup-parent, in the form that the driver wants, and its path below the hierarchy's root.
			story := "haltscope-" + name
			parent, path := "/"+story, "/"+story
			if driver == "systemd" {
				parent, path = story+".slice", "/haltscope.slice/"+story+".slice"
			}
			e.Setenv("PARENT", parent)
			e.Setenv("PARENT_PATH", path)
			// How long a server of a test image needs until it handles its signals.
			e.Setenv("SETTLE", "1s")
			// A grace to add to "stop", where a handler may need longer than 10 s.
			e.Setenv("GRACE", "")
			// How long a call must take to count as hanging.
			e.Setenv("HANGS", "30s")
			for _, limit := range []string{"HALTSCOPE_TIMEOUT", "HALTSCOPE_COMPLETION_TIMEOUT"} {
				e.Setenv(limit, os.Getenv(limit))
			}
			if lab() {
				e.Setenv("SETTLE", "8s")
				e.Setenv("GRACE", ":60s")
				e.Setenv("HANGS", "1m")
			}
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"json":       jsonCmd,
			"jsonl":      jsonlCmd,
			"same":       sameCmd,
			"exits":      exitsCmd,
			"nothing":    nothingCmd,
			"executes":   executesCmd,
			"container":  containerCmd,
			"docker":     dockerScriptCmd,
			"logs":       logsCmd,
			"until":      untilCmd,
			"becomes":    becomesCmd,
			"settled":    settledCmd,
			"freezer":    freezerCmd,
			"pages":      pagesCmd,
			"podman":     podmanCmd,
			"project":    projectCmd,
			"below":      belowCmd,
			"within":     withinCmd,
			"forward":    forwardCmd,
			"stuck":      stuckCmd,
			"unstuck":    unstuckCmd,
			"unanswered": unansweredCmd,
			"answered":   answeredCmd,
		},
	})
}

// condition reports whether lines that begin with [name] apply to this machine.
func condition(name string) (bool, error) {
	switch name {
	case "v2":
		_, err := os.Stat("/sys/fs/cgroup/cgroup.controllers")
		return err == nil, nil
	case "swap":
		swaps, err := os.ReadFile("/proc/swaps")
		return strings.Count(string(swaps), "\n") > 1, err
	case "psi":
		_, err := os.ReadFile("/proc/pressure/memory")
		return err == nil, nil
	case "systemd":
		driver, err := cgroupDriver()
		return driver == "systemd", err
	case "emulated":
		return lab(), nil
	case "podman":
		_, err := exec.LookPath("podman")
		return err == nil, nil
	case "trace":
		return kernelTraces(), nil
	case "compose":
		return hasCompose(), nil
	case "containerd-images":
		return keepsImagesInContainerd()
	case "wait-status":
		return kernelReportsWaitStatus()
	case "inits": // the labs have no such image
		return exec.Command("docker", "image", "inspect", "haltscope-test/inits").Run() == nil, nil
	case "publishes":
		return publishes()
	case "journald":
		return hasJournald(), nil
	}
	return false, fmt.Errorf("unknown condition %s", name)
}

// notMade logs an assertion that cannot be made on this machine. scripts/test counts these.
func notMade(t interface{ Log(...any) }, assertion string) { t.Log("not made here: " + assertion) }

// unmade lists the lines of a story that do not run on this machine, so that what they assert is not tested here. A
// skipped story has none.
func unmade(story string, holds func(condition string) (bool, error)) (all []string, err error) {
	guard := regexp.MustCompile(`^\[(!?)([^]]+)\]\s+`)
	stopped := false
	for n, line := range strings.Split(story, "\n") {
		command, runs := line, !stopped
		guards := [][]string{}
		for match := guard.FindStringSubmatch(command); match != nil; match = guard.FindStringSubmatch(command) {
			command = command[len(match[0]):]
			guards = append(guards, match)
		}
		verb, _, _ := strings.Cut(command, " ")
		if verb == "" || verb[0] == '#' || verb == "skip" {
			continue
		}
		for _, match := range guards {
			is, err := holds(match[2])
			if err != nil {
				return nil, err
			}
			runs = runs && is == (match[1] == "")
		}
		switch {
		case verb == "stop":
			stopped = stopped || runs
		case !runs:
			all = append(all, fmt.Sprintf("%d: %s", n+1, line))
		}
	}
	return all, nil
}

// exitsCmd implements exits CODE COMMAND...: it runs a command that must end with that exit code.
func exitsCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if want := args[0]; fmt.Sprint(code) != want {
		ts.Fatalf("exit code %d, wanted %s\nstdout: %s\nstderr: %s", code, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// containerCmd implements container NAME FLAGS... IMAGE [COMMAND...]: it runs a container, which is removed in any
// state when the story ends.
func containerCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: container NAME FLAGS... IMAGE [COMMAND...]")
	}
	// With the cgroupfs driver, Docker creates the parent cgroup and leaves it. Deferred calls run in reverse order.
	if i := slices.Index(args, "--cgroup-parent"); i >= 0 {
		ts.Defer(func() { removeEmptyCgroups(args[i+1]) })
	}
	ts.Defer(func() { dockerCmd("rm", "--force", args[0]).Run() })
	cmd := dockerCmd(append([]string{"run", "--detach", "--network", networkFor(args), "--name"}, args...)...)
	ts.Check(ts.Exec(cmd.Args[0], cmd.Args[1:]...))
	if text := ready[args[len(args)-1]]; text != "" {
		ts.Check(logged(args[0], text))
	}
}

// ready is what each image logs, when run without a command, once it handles its signals.
var ready = map[string]string{
	"haltscope-test/nginx":  "start worker process",
	"haltscope-test/redis":  "Ready to accept connections",
	"haltscope-test/script": "ready",
	"haltscope-test/labels": "ready",
}

// networkFor returns the network of a container that needs none. It is "host", because a new network namespace takes
// the engine as long as the rest of the start. Servers get "none", because on the host's network they would ask for the
// same port.
func networkFor(args []string) string {
	if slices.Contains(args, "haltscope-test/nginx") || slices.Contains(args, "haltscope-test/redis") {
		return "none"
	}
	return "host"
}

// removeEmptyCgroups removes a cgroup and its ancestors from each hierarchy in which they are empty.
func removeEmptyCgroups(path string) {
	mounts, _ := filepath.Glob("/sys/fs/cgroup/*")
	for ; path != "/" && path != "."; path = filepath.Dir(path) {
		for _, mount := range append(mounts, "/sys/fs/cgroup") {
			os.Remove(filepath.Join(mount, path)) // fails if it does not exist or is in use
		}
	}
}

// forwardCmd implements forward: a port of this machine leads to the daemon's socket until the story ends. FORWARDED is
// its address.
func forwardCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: forward")
	}
	port, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { port.Close() })
	ts.Setenv("FORWARDED", port.Addr().String())
	go func() {
		for {
			from, err := port.Accept()
			if err != nil {
				return
			}
			go func() {
				defer from.Close()
				to, err := net.Dial("unix", "/var/run/docker.sock")
				if err != nil {
					return
				}
				defer to.Close()
				go func() {
					io.Copy(to, from)
					to.(*net.UnixConn).CloseWrite()
				}()
				io.Copy(from, to)
			}()
		}
	}()
}

// nothingCmd implements nothing left: it fails if there is a twin, or a docker process that follows one.
func nothingCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || strings.Join(args, " ") != "left" {
		ts.Fatalf("usage: nothing left")
	}
	if left := twins(); left != "" {
		ts.Fatalf("twins were left:\n%s", left)
	}
	if left := helpers(); len(left) > 0 {
		ts.Fatalf("docker processes were left:\n%s", strings.Join(left, "\n"))
	}
}

// twins lists leftover twins and their networks, one per line: those that still exist although their owner is gone. It
// leaves out those of a run that is still active, which may be another user's.
func twins() string {
	left, err := orphans()
	if len(left) > 0 && err == nil {
		// A run may have ended, and removed its twins, between docker's answer and the check of its owner.
		var again map[string]string
		again, err = orphans()
		maps.DeleteFunc(left, func(name, _ string) bool { return again[name] == "" })
	}
	if err != nil {
		return err.Error()
	}
	return strings.Join(slices.Sorted(maps.Values(left)), "\n")
}

// orphans returns the twins and networks that docker lists and whose owner is gone, with a line for each name.
func orphans() (map[string]string, error) {
	all := map[string]string{}
	for _, list := range [][]string{
		{"ps", "--all", "--filter", "label=haltscope.run", "--format", `{{.Label "haltscope.owner"}} {{.Names}} {{.Status}}`},
		{"network", "ls", "--filter", "label=haltscope.run", "--format", `{{.Label "haltscope.owner"}} {{.Name}} network`},
	} {
		out, err := dockerCmd(list...).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("docker %s: %w: %s", list[0], err, out)
		}
		for line := range strings.Lines(string(out)) {
			if owner, twin, _ := strings.Cut(strings.TrimSpace(line), " "); !alive(owner) {
				name, _, _ := strings.Cut(twin, " ")
				all[name] = twin
			}
		}
	}
	return all, nil
}

// alive reports whether a twin's owner, BOOT/PID-NAMESPACE/TIME-NAMESPACE/PID/START, is a running process of this boot.
func alive(owner string) bool {
	fields := strings.Split(owner, "/")
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil || len(fields) != 5 || fields[0] != strings.TrimSpace(string(boot)) {
		return false
	}
	stat := statOf(fields[3])
	return len(stat) > 19 && stat[19] == fields[4] && stat[0] != "Z"
}

// statOf returns the fields of /proc/PID/stat from the third on.
func statOf(pid string) []string {
	data, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return nil
	}
	return strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
}

// helpers lists the docker processes that follow a run whose haltscope has been gone for a second: they end soon after it.
func helpers() []string {
	left := orphanedHelpers()
	if len(left) == 0 {
		return nil
	}
	time.Sleep(time.Second)
	again := orphanedHelpers()
	return slices.DeleteFunc(left, func(one string) bool { return !slices.Contains(again, one) })
}

func orphanedHelpers() []string {
	var all []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		data, _ := os.ReadFile(f)
		line := strings.ReplaceAll(string(data), "\x00", " ")
		if !strings.Contains(line, "label=haltscope.run=") {
			continue
		}
		stat := statOf(strings.Split(f, "/")[2])
		if len(stat) < 2 {
			continue // it has ended since
		}
		if parent, err := os.Readlink("/proc/" + stat[1] + "/exe"); err == nil && strings.HasSuffix(parent, "haltscope") {
			continue
		}
		all = append(all, f+": "+line)
	}
	return all
}

// executesCmd implements executes FILE...: it makes files of the script executable.
func executesCmd(ts *testscript.TestScript, neg bool, args []string) {
	for _, f := range args {
		ts.Check(os.Chmod(ts.MkAbs(f), 0o755))
	}
}
