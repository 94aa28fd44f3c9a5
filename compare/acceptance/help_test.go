package acceptance

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// app is the program of the examples: it logs when it is ready, and ends gracefully, with its child.
const app = `#!/bin/sh
trap 'kill $!; wait; exit 0' TERM
sleep 1000000 &
echo listening on 8080
wait
`

// picked reports whether -test.run selects subtests. If so, the others must not run.
func picked() bool { return strings.Contains(flag.Lookup("test.run").Value.String(), "/") }

// before lists what is done to the running containers of the examples before each example of a command.
var before = map[string][]string{
	"unpause": {"docker pause web"},
	"start":   {"docker stop web"},
	"reclaim": {"docker pause web"},
}

// exampleDir is where the examples of the help run: a directory with the executables that they name, and containers and
// images with the names that they use.
type exampleDir struct{ dir string }

// env is the environment of an example.
func (s exampleDir) env() []string { return append(os.Environ(), "PATH="+s.dir+":"+os.Getenv("PATH")) }

// sh runs a line in a shell.
func (s exampleDir) sh(line string) (string, error) {
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir, cmd.Env = s.dir, s.env()
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (s exampleDir) must(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if out, err := s.sh(line); err != nil {
			t.Fatalf("%s: %v: %s", line, err, out)
		}
	}
}

// run runs an example, and returns its exit code, or -1 if it could not be run.
func (s exampleDir) run(example string) (string, int) {
	out, err := s.sh(example)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return out, exit.ExitCode()
	case err != nil:
		return err.Error(), -1
	}
	return out, 0
}

// containerID returns the id of the container with exactly that name; "" for none. Docker itself would also accept db as a prefix of an
// id.
func containerID(t *testing.T, name string) string {
	t.Helper()
	out, err := dockerCmd("ps", "--all", "--quiet", "--no-trunc", "--filter", "name=^/"+name+"$").CombinedOutput()
	if err != nil {
		t.Fatalf("docker ps: %v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// inUse lists the containers that the examples act on.
var inUse = []string{"web", "db"}

// reserveNames waits until no other test on this machine uses these names, of this run or another one, and keeps them until the test
// ends. It fails if there are containers with these names.
func reserveNames(t *testing.T) {
	t.Helper()
	path, err := exec.LookPath("docker")
	if err != nil {
		t.Fatal(err)
	}
	docker, err := os.Open(path) // any file that all runs of the tests have in common
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { docker.Close() })
	if err := unix.Flock(int(docker.Fd()), unix.LOCK_EX); err != nil {
		t.Fatalf("locking %s: %v", path, err)
	}
	for _, name := range inUse {
		if id := containerID(t, name); id != "" {
			t.Fatalf("there is a container %s already, %s, which the examples would stop and kill", name, id)
		}
	}
}

// open creates the images, and removes them when the test ends. It fails if images or containers with these names exist
// already.
func (s exampleDir) open(t *testing.T) {
	if err := os.Symlink(haltscope, filepath.Join(s.dir, "haltscope")); err != nil {
		t.Fatal(err)
	}
	reserveNames(t)
	for name, script := range map[string]string{"app": app, "load.sh": "#!/bin/sh\nexec sleep 1000000\n"} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.dir, "journal"), 0o700); err != nil {
		t.Fatal(err)
	}
	day := busyDay(t)
	if err := os.Rename(day, filepath.Join(s.dir, "journal", filepath.Base(day))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.sh("docker image inspect my/app"); err == nil {
		t.Fatal("there is already an image my/app, which is not of the examples")
	}
	s.must(t, "docker create --name hs-help-app haltscope-test/busybox", "docker cp app hs-help-app:/app",
		`docker commit --change 'CMD ["/app"]' hs-help-app my/app`, "docker rm hs-help-app")
	t.Cleanup(func() { s.sh("docker rmi my/app") })
	if _, err := s.sh("docker image inspect nginx"); err != nil {
		s.must(t, "docker tag haltscope-test/nginx nginx")
		t.Cleanup(func() { s.sh("docker rmi --no-prune nginx") })
	}
	t.Cleanup(func() { s.remove(t) }) // before their images
}

func (s exampleDir) remove(t *testing.T) {
	for _, name := range inUse {
		if id := containerID(t, name); id != "" {
			s.sh("docker rm --force " + id)
		}
	}
}

// recreate replaces the containers with new ones.
func (s exampleDir) recreate(t *testing.T) {
	t.Helper()
	s.remove(t)
	for _, name := range inUse {
		s.must(t, "docker run --detach --network host --label tier=db --label com.docker.compose.project=shop --name "+name+" my/app")
	}
}

// example is an example from the help of a command.
type example struct {
	command, line string
	result        func() (string, int)
}

// examples returns those of every command's help.
func (s exampleDir) examples(t *testing.T) (all []example) {
	commands, err := s.sh("haltscope __complete '' 2>/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`(?m)^([a-z]+)\t`).FindAllStringSubmatch(commands, -1) {
		command := name[1]
		if command == "help" {
			continue
		}
		help, err := s.sh("haltscope " + command + " --help")
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, line := range regexp.MustCompile(`(?m)^ +(haltscope `+command+`\b.*)$`).FindAllStringSubmatch(help, -1) {
			lines = append(lines, line[1])
		}
		if len(lines) == 0 {
			t.Errorf("the help of %s has no example", command)
		}
		for _, line := range documentedExamples(t, command) {
			if !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
		for _, line := range lines {
			all = append(all, example{command, line, sync.OnceValues(func() (string, int) { return s.run(line) })})
		}
	}
	if len(all) < 55 {
		t.Errorf("only %d examples", len(all))
	}
	return all
}

// makesTwins reports whether the example mostly waits for twins and does not change the containers.
func (e example) makesTwins() bool {
	return slices.Contains([]string{"compare", "check", "predict"}, e.command)
}

// acts reports whether the example changes a container.
func (e example) acts() bool {
	return slices.Contains([]string{"kill", "stop", "pause", "unpause", "start", "restart", "reclaim"}, e.command)
}

// TestHelpExamples checks that every example in the help of every command, in the manual pages and in the README does
// what it says, on the real engine. It runs each one verbatim in a shell, with containers and images that have the
// names in the examples. One of them is haltscope clean, so that no other test makes twins meanwhile.
func TestHelpExamples(t *testing.T) {
	if lab() {
		t.Skip("an emulated machine takes too long for all; the host runs this")
	}
	s := exampleDir{t.TempDir()}
	s.open(t)
	s.recreate(t)
	examples := s.examples(t)
	// Examples with twins take the longest and mostly wait, so they run first, several at a time.
	slices.SortStableFunc(examples, func(a, b example) int {
		switch {
		case a.makesTwins() == b.makesTwins():
			return 0
		case a.makesTwins():
			return -1
		}
		return 1
	})
	var all sync.WaitGroup
	defer all.Wait()
	at := make(chan struct{}, 3)
	for _, e := range examples {
		if e.makesTwins() && !picked() {
			all.Go(func() {
				at <- struct{}{}
				defer func() { <-at }()
				e.result()
			})
		}
	}
	touched := false // the containers are no longer as they were made
	for _, e := range examples {
		t.Run(e.line, func(t *testing.T) {
			if can, err := publishes(); strings.Contains(e.line, "--network bridge") && !can {
				t.Skip("this engine has no bridge, or no iptables: ", err)
			}
			if touched {
				s.recreate(t)
			}
			touched = e.acts()
			s.must(t, before[e.command]...)
			if e.command == "watch" && !strings.Contains(e.line, "--no-follow") {
				watchesAndEnds(t, s, e.line)
				return
			}
			out, code := e.result()
			if want := codesOf(t, e.line); !slices.Contains(want, code) {
				t.Errorf("exit code %d, wanted %d:\n%s", code, want, out)
			}
			if file := regexp.MustCompile(`--output (\S+)`).FindStringSubmatch(e.line); file != nil {
				if info, err := os.Stat(filepath.Join(s.dir, file[1])); err != nil || info.Size() == 0 {
					t.Errorf("nothing is written: %v, %v", info, err)
				}
			}
		})
	}
}

// documentedExamples returns the examples of a command in the README and in the manual pages. It leaves out those that
// another program reads from a pipe, and those whose command is the placeholder COMMAND.
func documentedExamples(t *testing.T, command string) (all []string) {
	begin := "haltscope " + command
	for _, page := range []string{"README", "haltscope", "haltscope-" + command} {
		text := docs(t, page)
		if page == "README" {
			text = regexp.MustCompile("(?m)^  .*$").ReplaceAllString(text, "") // what haltscope printed
		} else {
			text = section(text, "EXAMPLES")
		}
		for _, match := range regexp.MustCompile("(?m)(?:^|`)("+begin+"(?: [^`\n]*)?)(?:`|$)").FindAllStringSubmatch(text, -1) {
			line, _, _ := strings.Cut(match[1], " #")
			line, _, _ = strings.Cut(line, " | jq ")
			line = strings.TrimSpace(line)
			if !strings.HasSuffix(line, " COMMAND") && !slices.Contains(all, line) {
				all = append(all, line)
			}
		}
	}
	return all
}

// codesOf returns the exit codes that an example can have on this host, as the README documents them.
func codesOf(t *testing.T, example string) []int {
	_, err := os.Stat("/sys/fs/cgroup/cgroup.controllers")
	switch {
	case strings.Contains(example, "reclaim --bytes") && err != nil:
		notMade(t, "exit code 0 of "+example)
		return []int{2} // cgroup v1 reclaims all or nothing
	case strings.Contains(example, "--no-orphans") && !kernelTraces():
		notMade(t, "exit code 0 of "+example)
		return []int{1} // the verdict is inconclusive
	case strings.Contains(example, "--within"), strings.Contains(example, "--expect"):
		return []int{0, 3} // a machine may be busy, and the program may not handle its signals yet
	}
	return []int{0}
}

// watchesAndEnds runs a watch until its first line, and ends it as a service manager does.
func watchesAndEnds(t *testing.T, s exampleDir, line string) {
	cmd := exec.Command("sh", "-c", "exec "+line)
	cmd.Dir, cmd.Env = s.dir, s.env()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	giveUp := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	defer giveUp.Stop()
	first := make([]byte, 1)
	if _, err := io.ReadFull(stdout, first); err != nil || first[0] != '{' {
		t.Errorf("its first byte is %q, %v", first, err)
	}
	cmd.Process.Signal(unix.SIGTERM)
	io.Copy(io.Discard, stdout)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, stderr.String())
	}
}
