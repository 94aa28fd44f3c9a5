package watch

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/fault"
	"haltscope/compare/rules/verdict"
)

func TestMetrics(t *testing.T) {
	m := NewMetrics(false)
	took := 1200 * time.Millisecond
	kills, held := uint64(2), uint64(4096)
	m.Line(&Line{Action: "stop", Verdict: verdict.Forced, Level: Warn, Duration: &took})
	m.Line(&Line{Action: "die", Verdict: verdict.OOMKilled, Level: Error, OOMKills: &kills, ID: "c0ffee", Name: "web"})
	m.Line(&Line{Action: "kill", Level: Info}) // outlived
	m.Line(&Line{Action: ActionGap, Level: Warn})
	m.Frozen([]Frozen{{ID: "c0ffee", Name: "web", Since: time.Now().Add(-time.Hour), Memory: &held}})
	m.Watched(3, true)
	m.Unwatched(2)
	listener, err := m.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Listen(listener.Addr().String()); err == nil || !strings.Contains(fault.Hint(err), "use another port") {
		t.Errorf("a port that is taken: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(ctx, listener) }()
	body := get(t, "http://"+listener.Addr().String()+"/metrics")
	for _, want := range []string{`haltscope_container_ends_total{verdict="forced"} 1`, `haltscope_container_ends_total{verdict="graceful"} 0`,
		`haltscope_stop_duration_seconds_bucket{verdict="forced",le="1"} 0`,
		`haltscope_stop_duration_seconds_bucket{verdict="forced",le="2.5"} 1`,
		"haltscope_oom_kills_total 2", `haltscope_container_oom_kills_total{container="web"} 2`,
		"haltscope_gaps_total 1", "haltscope_containers_frozen 1",
		`haltscope_container_frozen_memory_bytes{container="web"} 4096`,
		`haltscope_container_frozen_seconds{container="web"} 3600`, "haltscope_containers_followed 3",
		"haltscope_containers_unfollowed 2", "haltscope_docker_up 1", `haltscope_lines_total{level="warn"} 2`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if body := get(t, "http://"+listener.Addr().String()+"/healthz"); body != "ok\n" {
		t.Errorf("health: %q", body)
	}
	m.beat.Store(time.Now().Add(-time.Minute).UnixNano())
	if body := get(t, "http://"+listener.Addr().String()+"/healthz"); body == "ok\n" {
		t.Error("healthy, though the loop does not run")
	}
	file := filepath.Join(t.TempDir(), "haltscope.prom")
	defer unix.Umask(unix.Umask(0o077)) // as the unit has it
	if err := m.WriteTextfile(file); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(file); !strings.Contains(string(data), "haltscope_gaps_total 1") || strings.Contains(string(data), "process_") {
		t.Errorf("the file: %s", data)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the file: %v, %v", info, err)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := m.WriteTextfile(file); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the file, whose mode was changed: %v, %v", info, err)
	}
	if err := m.WriteTextfile("/dev/null"); err == nil {
		t.Error("metrics were written to what is no regular file")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// served serves metrics while the test runs, and returns the address.
func served(t *testing.T, m *Metrics) string {
	t.Helper()
	listener, err := m.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// TestMetricsMethods checks that both pages can be read, and that nothing else is allowed.
func TestMetricsMethods(t *testing.T) {
	address := served(t, NewMetrics(false))
	for path, methods := range map[string]map[string]int{
		"/metrics": {"GET": 200, "HEAD": 200, "POST": 405, "PUT": 405, "DELETE": 405, "TRACE": 405, "OPTIONS": 405, "PATCH": 405},
		"/healthz": {"GET": 503, "HEAD": 503, "POST": 405, "PUT": 405, "DELETE": 405, "TRACE": 405}, // its loop has never run
		"/":        {"GET": 404, "POST": 404},
	} {
		for method, want := range methods {
			request, err := http.NewRequest(method, "http://"+address+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("%s %s: %s, wanted %d", method, path, answer.Status, want)
			}
			if allow := answer.Header.Get("Allow"); (want == 405) != (allow == "GET, HEAD") {
				t.Errorf("%s %s: Allow %q", method, path, allow)
			}
		}
	}
}

// TestMetricsIdleConnections checks that clients that connect and send nothing hold few descriptors, each for a short time.
func TestMetricsIdleConnections(t *testing.T) {
	m := NewMetrics(false)
	address := served(t, m)
	before, ok := proc.OpenFiles().Value()
	if !ok {
		t.Skip("open files cannot be counted here")
	}
	const idle = maxConnections + maxConnections/2
	for range idle {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	began := time.Now()
	if body := get(t, "http://"+address+"/metrics"); !strings.Contains(body, "haltscope_gaps_total") {
		t.Error(body)
	}
	if waited := time.Since(began); waited > 10*requestWithin {
		t.Errorf("served after %s", waited)
	}
	// Each connection of the test is a descriptor as well, and so are both ends of that of get.
	if now, ok := proc.OpenFiles().Value(); !ok || now > before+idle+maxConnections+2 {
		t.Errorf("%d files are open, %d before %d connections", now, before, idle)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); strings.HasSuffix(url, "/metrics") && kind != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("%s is of type %q", url, kind)
	}
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The number of containers with a count of their own is bounded, and counts of removed ones make room.
func TestOOMCounts(t *testing.T) {
	m := NewMetrics(false)
	one := uint64(1)
	oom := func(name string) {
		m.Line(&Line{Action: "die", Verdict: verdict.OOMKilled, ID: "id of " + name, Name: name, OOMKills: &one})
	}
	removed := func(name string) { m.Line(&Line{Action: "destroy", ID: "id of " + name, Name: name}) }
	for n := range oomContainers {
		oom(fmt.Sprint("web-", n))
	}
	oom("too-many")
	oom("web-5")
	removed("web-7")
	removed("web-3")
	removed("never-killed")
	counts := func() string {
		all, text := 0, ""
		for line := range strings.Lines(string(m.Text())) {
			if !strings.HasPrefix(line, "haltscope_container_oom_kills_total{") {
				continue
			}
			all++
			for _, name := range []string{"too-many", "web-3", "web-5", "web-7", "late"} {
				if count, ok := strings.CutPrefix(line, `haltscope_container_oom_kills_total{container="`+name+`"} `); ok {
					text += name + "=" + strings.TrimSpace(count) + " "
				}
			}
		}
		return text + fmt.Sprint(all)
	}
	if got := counts(); got != "web-3=1 web-5=2 web-7=1 100" {
		t.Error(got)
	}
	oom("web-3") // it was made again
	oom("late")
	oom("too-many")
	if got := counts(); got != "late=1 web-3=2 web-5=2 100" {
		t.Error(got)
	}
	if !strings.Contains(string(m.Text()), "\nhaltscope_oom_kills_total 105\n") {
		t.Errorf("%s", m.Text())
	}
}
