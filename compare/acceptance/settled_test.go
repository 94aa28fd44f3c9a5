package acceptance

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// settledCmd implements settled NAME...: it waits until the programs of running containers have started, and wait for something.
func settledCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: settled NAME...")
	}
	for _, name := range args {
		ts.Check(settled(name))
	}
}

// settledFor is how many looks, one after the other, find the same sleeping processes once a container has settled.
const settledFor = 3

// settled waits until the program of a container has logged that it is ready, in this run, and all processes of the container sleep.
func settled(name string) error {
	out, err := dockerCmd("inspect", "--format", "{{.Id}} {{.State.FinishedAt}} {{.Config.Image}}", name).Output()
	fields := strings.Fields(string(out))
	if err != nil || len(fields) != 3 {
		return fmt.Errorf("docker inspect %s: %w: %s", name, err, out)
	}
	id, image := fields[0], fields[2]
	show := []string{"logs", name}
	if since := fields[1]; !strings.HasPrefix(since, "0001-") { // the end of the run before; a program may log before Docker calls it started
		show = []string{"logs", "--since", since, name}
	}
	text := readyLine(image)
	var before []string
	for deadline, same := time.Now().Add(2*time.Minute), 0; same < settledFor; time.Sleep(50 * time.Millisecond) {
		found, sleep, err := processesOf(id)
		if err != nil {
			return err
		}
		logs := []byte{}
		if text != nil && same == 0 {
			if logs, err = dockerCmd(show...).CombinedOutput(); err != nil {
				return fmt.Errorf("docker logs %s: %w: %s", name, err, logs)
			}
		}
		isReady := text == nil || same > 0 || text.Match(logs)
		if isReady && sleep && len(found) > 0 && (same == 0 || slices.Equal(found, before)) {
			same++
		} else {
			same = 0
		}
		before = found
		if time.Now().After(deadline) {
			return fmt.Errorf("%s has not settled: processes %v, log %q", name, found, logs)
		}
	}
	return nil
}

// readyLine matches what a container of an image logs once it handles its signals; nil for nothing. Programs other than the image's own
// log "ready" as well, but those of busybox.
func readyLine(image string) *regexp.Regexp {
	switch text := ready[image]; {
	case image == "haltscope-test/nginx":
		return regexp.MustCompile(`(?s)start worker process \d.*start worker process \d`)
	case text != "":
		return regexp.MustCompile(regexp.QuoteMeta(text))
	case image == "haltscope-test/habits":
		return regexp.MustCompile("ready")
	}
	return nil
}

// processesOf lists the processes of a container, and whether all of them sleep.
func processesOf(id string) (pids []string, sleep bool, err error) {
	files, err := filepath.Glob("/proc/[0-9]*/cgroup")
	sleep = true
	for _, file := range files {
		cgroup, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(cgroup, []byte(id)) {
			continue // it has ended, or is another's
		}
		dir := filepath.Dir(file)
		stat, err := os.ReadFile(dir + "/stat")
		if err != nil {
			continue // it has ended
		}
		pids = append(pids, filepath.Base(dir))
		_, rest, _ := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')'):]), " ")
		sleep = sleep && strings.HasPrefix(rest, "S")
	}
	return pids, sleep, err
}

func TestReadyLine(t *testing.T) {
	for log, want := range map[string]bool{
		"start worker processes\nstart worker process 7\n":                         false,
		"start worker processes\nstart worker process 7\nstart worker process 8\n": true,
	} {
		if got := readyLine("haltscope-test/nginx").MatchString(log); got != want {
			t.Errorf("%q: %t", log, got)
		}
	}
}
