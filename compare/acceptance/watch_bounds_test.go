package acceptance

import (
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWatchOutOfDescriptors checks a watch that has too few file descriptors to follow containers: it says so, still
// reports what Docker reports, whatever connects to its metrics, and follows the containers once there are descriptors.
func TestWatchOutOfDescriptors(t *testing.T) {
	t.Parallel()
	removed(t, "hs-files-1")
	removed(t, "hs-files-2")
	address := freePort(t)
	w := watchProcess(t, "--filter", "name=^hs-files-", "--metrics-listen", address)
	var limit unix.Rlimit
	if err := unix.Prlimit(w.Process.Pid, unix.RLIMIT_NOFILE, nil, &limit); err != nil {
		t.Fatal(err)
	}
	few := limit
	few.Cur = 100
	if err := unix.Prlimit(w.Process.Pid, unix.RLIMIT_NOFILE, &few, nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"hs-files-1", "hs-files-2"} {
		mustDocker(t, "run", "--detach", "--network", "none", "--name", name, "haltscope-test/script")
	}
	const short = "watching 0 of 2 running containers: the limit of open files (100) is reached; raise it (ulimit -n, LimitNOFILE=)"
	w.until(t, short)
	second := watchCommand(t, exec.Command("sh", "-c", `ulimit -n 100; exec "$0" "$@"`, haltscope, "watch", "--filter", "name=^hs-files-"))
	if lines := second.end(t, unix.SIGTERM, 0); !strings.Contains(lines[0], short) {
		t.Errorf("the second watch begins with %s", lines[0])
	}
	metric := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			answer, err := client.Get("http://" + address + "/metrics")
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(body), want+"\n") {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("no %s in\n%s", want, body)
			}
		}
	}
	metric("haltscope_containers_unfollowed 2")
	for range 300 {
		idle, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer idle.Close()
	}
	mustDocker(t, "kill", "hs-files-1")
	w.until(t, `"name":"hs-files-1"},"action":"kill","verdict":"killed"`)
	if err := unix.Prlimit(w.Process.Pid, unix.RLIMIT_NOFILE, &limit, nil); err != nil {
		t.Fatal(err)
	}
	w.until(t, "watching 1 running container")
	mustDocker(t, "kill", "hs-files-2")
	w.until(t, `"name":"hs-files-2"},"action":"kill","verdict":"killed"`)
	w.end(t, unix.SIGTERM, 0)
	for line := range strings.Lines(w.text()) {
		if strings.Contains(line, `"name":"hs-files-2"},"action":"kill"`) && !strings.Contains(line, `"source":"pidfd`) &&
			!strings.Contains(line, `"source":"wait status`) {
			t.Errorf("the watch had no pidfd of its process: %s", line)
		}
	}
	if strings.Contains(w.err.String(), "too many open files") || strings.Contains(w.err.String(), "binary") {
		t.Errorf("%s", w.err.String())
	}
}

// freePort returns an address of this machine on which nothing listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
