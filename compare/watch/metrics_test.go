package watch

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"golang.org/x/sys/unix"

	"haltscope/compare/fault"
	"haltscope/compare/verdict"
)

func TestMetrics(t *testing.T) {
	m := NewMetrics(false)
	took := 1200 * time.Millisecond
	kills, held := uint64(2), uint64(4096)
	m.Line(&Line{Action: "stop", Verdict: verdict.Forced, Level: Warn, Duration: &took})
	m.Line(&Line{Action: "die", Verdict: verdict.OOMKilled, Level: Error, OOMKills: &kills})
	m.Line(&Line{Action: "kill", Level: Info}) // outlived
	m.Line(&Line{Action: ActionGap, Level: Warn})
	m.Frozen([]Frozen{{ID: "c0ffee", Name: "web", Since: time.Now().Add(-time.Hour), Memory: &held}})
	m.Following(3, true)
	listener, err := m.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Listen(listener.Addr().String()); err == nil || !strings.Contains(fault.Hint(err), "take another port") {
		t.Errorf("a port that is taken: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(ctx, listener) }()
	body := get(t, "http://"+listener.Addr().String()+"/metrics")
	for _, want := range []string{`haltscope_container_ends_total{verdict="forced"} 1`, `haltscope_container_ends_total{verdict="graceful"} 0`,
		`haltscope_stop_duration_seconds_bucket{verdict="forced",le="1"} 0`, `haltscope_stop_duration_seconds_bucket{verdict="forced",le="2.5"} 1`,
		"haltscope_oom_kills_total 2", "haltscope_gaps_total 1", "haltscope_containers_frozen 1", `haltscope_container_frozen_memory_bytes{container="web"} 4096`,
		`haltscope_container_frozen_seconds{container="web"} 3600`, "haltscope_containers_followed 3", "haltscope_docker_up 1", `haltscope_lines_total{level="warn"} 2`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if body := get(t, "http://"+listener.Addr().String()+"/healthz"); body != "ok\n" {
		t.Errorf("health: %q", body)
	}
	m.beat.Store(time.Now().Add(-time.Minute).UnixNano())
	if body := get(t, "http://"+listener.Addr().String()+"/healthz"); body == "ok\n" {
		t.Error("healthy, though the loop stands still")
	}
	file := filepath.Join(t.TempDir(), "haltscope.prom")
	defer unix.Umask(unix.Umask(0o077)) // as the unit has it
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := m.WriteTextfile(file); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(file); !strings.Contains(string(data), "haltscope_gaps_total 1") || strings.Contains(string(data), "process_") {
		t.Errorf("the file: %s", data)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the file: %v, %v", info, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if strings.HasSuffix(url, "/metrics") && expfmt.ResponseFormat(answer.Header).FormatType() != expfmt.TypeTextPlain {
		t.Errorf("%s is of type %q", url, answer.Header.Get("Content-Type"))
	}
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
