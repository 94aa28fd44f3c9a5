package during

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs/proc"
)

// loadEnv makes the test's own executable a haltscope that runs a shell command as a load, and then continues.
const loadEnv = "HALTSCOPE_TEST_LOAD"

func TestMain(m *testing.M) {
	if Supervising(os.Args) {
		os.Exit(Supervise(os.Args))
	}
	if line := os.Getenv(loadEnv); line != "" {
		if _, err := Start([]string{"sh", "-c", line}, os.Environ()); err != nil {
			panic(err)
		}
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}

// until waits until a condition is met.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !met(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("this did not happen: %s", what)
		}
	}
}

// pids waits for n process ids in a file, one per line.
func pids(t *testing.T, file string, n int) (all []int) {
	t.Helper()
	until(t, "process ids in "+file, func() bool {
		data, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		return strings.Count(string(data), "\n") == n
	})
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(string(data)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pid)
	}
	return all
}

func gone(pid int) bool {
	_, err := proc.ReadStat(pid)
	return errors.Is(err, proc.ErrNoProcess)
}

func load(t *testing.T, line string) *Load {
	t.Helper()
	l, err := Start([]string{"sh", "-c", line}, os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.End() })
	return l
}

// family is a shell command that starts three processes: one in a new session, one in a new session that has lost
// its parent and ignores SIGTERM, and a plain child. Their ids go to the file.
func family(file string) string {
	return `setsid sh -c 'echo $$ >>` + file + `; exec sleep 1000' &
		setsid sh -c 'trap "" TERM; (echo 1 >/dev/null; exec sh -c "echo \$\$ >>` + file + `; exec sleep 1000") & exit 0' &
		sleep 1000 & echo $! >>` + file
}

// Everything that a command has started is ended, whether the command itself still runs or not.
func TestEndsAll(t *testing.T) {
	for name, last := range map[string]string{"it runs": "; wait", "it has ended": ""} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pids")
			l := load(t, family(file)+last)
			all := pids(t, file, 3)
			if last == "" {
				<-l.over
			}
			if err := l.Failed(); err != nil {
				t.Errorf("it has failed: %v", err)
			}
			for _, pid := range all {
				if gone(pid) {
					t.Errorf("process %d ended too early", pid)
				}
			}
			if err := l.End(); err != nil {
				t.Error(err)
			}
			for _, pid := range all {
				if !gone(pid) {
					t.Errorf("process %d outlives the command", pid)
				}
			}
			if err := l.End(); err != nil {
				t.Errorf("the second call: %v", err)
			}
		})
	}
}

// If haltscope is killed, the load ends as well.
func TestEndsWithHaltscope(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pids")
	haltscope := exec.Command("/proc/self/exe")
	haltscope.Env = append(os.Environ(), loadEnv+"="+family(file)+"; wait")
	if err := haltscope.Start(); err != nil {
		t.Fatal(err)
	}
	all := pids(t, file, 3)
	haltscope.Process.Kill()
	haltscope.Wait()
	for _, pid := range all {
		until(t, "a process of the load ends", func() bool { return gone(pid) })
	}
}

func TestFailed(t *testing.T) {
	for line, want := range map[string]string{
		"echo words >&2; exit 3": "exit status 3 (words)",
		"kill -KILL $$":          "signal: killed (it wrote nothing",
		"exit 0":                 "",
	} {
		l := load(t, line)
		<-l.over
		err := l.Failed()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
	if _, err := Start([]string{"/no/such/command"}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a command that does not exist: %v", err)
	}
	file := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(file, []byte("no program"), 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := Start([]string{file}, os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	<-l.over
	if err := l.Failed(); err == nil || !strings.Contains(err.Error(), "exec format error") {
		t.Errorf("a file that is no program: %v", err)
	}
}

// A load that is ended as it starts leaves nothing.
func TestEndedAtOnce(t *testing.T) {
	for range 10 {
		l := load(t, "sleep 1000")
		if err := l.End(); err != nil {
			t.Error(err)
		}
	}
}
