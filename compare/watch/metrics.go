package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"

	"haltscope/compare/fault"
	"haltscope/compare/output"
	"haltscope/compare/rules/verdict"
)

// Metrics counts what the lines tell, and shows it to Prometheus. Names of containers are labels of the gauges of frozen
// containers alone, of which there are few at a time; a redacted watch shows ids there.
type Metrics struct {
	redact  bool
	started time.Time
	beat    atomic.Int64 // when the loop last went round, in nanoseconds since 1970

	unfollowed int // under mu

	mu        sync.Mutex
	ends      map[verdict.Kind]uint64
	durations map[verdict.Kind]*histogram
	lines     map[Level]uint64
	ooms      uint64
	gaps      uint64
	following int
	connected bool
	frozen    []Frozen
}

// NewMetrics makes the metrics. Each verdict and level is there from the start, at 0.
func NewMetrics(redact bool) *Metrics {
	m := &Metrics{redact: redact, started: time.Now(),
		ends: map[verdict.Kind]uint64{}, durations: map[verdict.Kind]*histogram{}, lines: map[Level]uint64{}}
	for _, kind := range []verdict.Kind{verdict.Graceful, verdict.Terminated, verdict.Forced, verdict.Killed, verdict.OOMKilled,
		verdict.Exited, verdict.Crashed, verdict.Inconclusive} {
		m.ends[kind] = 0
	}
	for _, level := range []Level{Info, Warn, Error} {
		m.lines[level] = 0
	}
	return m
}

// Line counts a line.
func (m *Metrics) Line(line *Line) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines[line.Level]++
	if line.OOMKills != nil {
		m.ooms += *line.OOMKills
	}
	switch line.Action {
	case "stop", "kill", "die":
		if line.Verdict == "" {
			return // a signal that was outlived
		}
		m.ends[line.Verdict]++
		if line.Duration != nil {
			if m.durations[line.Verdict] == nil {
				m.durations[line.Verdict] = &histogram{}
			}
			m.durations[line.Verdict].observe(line.Duration.Seconds())
		}
	case ActionGap:
		m.gaps++
	}
}

// Frozen takes which containers are frozen.
func (m *Metrics) Frozen(all []Frozen) {
	slices.SortFunc(all, func(a, b Frozen) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	m.mu.Lock()
	m.frozen = all
	m.mu.Unlock()
	m.beat.Store(time.Now().UnixNano())
}

// Following takes how many are watched, and whether Docker answers and tells of events.
func (m *Metrics) Following(containers int, connected bool) {
	m.mu.Lock()
	m.following, m.connected = containers, connected
	m.mu.Unlock()
}

// up reports whether Docker answers and tells of events.
func (m *Metrics) up() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.connected
}

// Unfollowed takes how many run and are not watched.
func (m *Metrics) Unfollowed(containers int) {
	m.mu.Lock()
	m.unfollowed = containers
	m.mu.Unlock()
}

// Text is all of it, in the conventions of Prometheus: base units, counters end in _total.
func (m *Metrics) Text() []byte {
	var e exposition
	m.write(&e)
	e.process(m.started)
	return e.Bytes()
}

func (m *Metrics) write(e *exposition) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e.family("haltscope_container_ends_total", "counter", "Ends of containers, by verdict.")
	for _, kind := range slices.Sorted(maps.Keys(m.ends)) {
		e.sample("haltscope_container_ends_total", float64(m.ends[kind]), "verdict", string(kind))
	}
	e.family("haltscope_stop_duration_seconds", "histogram",
		"Time from the first signal that Docker sent until the first process was gone, by verdict.")
	for _, kind := range slices.Sorted(maps.Keys(m.durations)) {
		e.histogram("haltscope_stop_duration_seconds", m.durations[kind], "verdict", string(kind))
	}
	e.single("haltscope_oom_kills_total", "counter", "Processes in containers that the kernel's OOM killer has killed.", float64(m.ooms))
	e.single("haltscope_gaps_total", "counter", "Times of which it is not known what happened.", float64(m.gaps))
	e.family("haltscope_lines_total", "counter", "Lines written, by level.")
	for _, level := range slices.Sorted(maps.Keys(m.lines)) {
		e.sample("haltscope_lines_total", float64(m.lines[level]), "level", string(level))
	}
	e.single("haltscope_containers_followed", "gauge", "Containers whose cgroups are watched.", float64(m.following))
	e.single("haltscope_containers_unfollowed", "gauge", "Running containers whose cgroups are not watched.", float64(m.unfollowed))
	up := 0.0
	if m.connected {
		up = 1
	}
	e.single("haltscope_docker_up", "gauge", "Whether Docker answers and tells of events: 1 or 0.", up)
	e.single("haltscope_containers_frozen", "gauge", "Containers that the kernel's freezer holds.", float64(len(m.frozen)))
	m.writeFrozen(e)
}

// writeFrozen writes a sample for each frozen container, as it is now.
func (m *Metrics) writeFrozen(e *exposition) {
	name := func(f Frozen) string {
		if m.redact {
			return f.ID[:min(12, len(f.ID))]
		}
		return f.Name
	}
	e.family("haltscope_container_frozen_seconds", "gauge",
		"For how long a frozen container has been; from the beginning of the watch where it was frozen before.")
	for _, f := range m.frozen {
		e.sample("haltscope_container_frozen_seconds", max(0, time.Since(f.Since).Seconds()), "container", name(f))
	}
	e.family("haltscope_container_frozen_memory_bytes", "gauge",
		"Memory that a frozen container held when it was frozen; none where that was before the watch began.")
	for _, f := range m.frozen {
		if f.Memory != nil {
			e.sample("haltscope_container_frozen_memory_bytes", float64(*f.Memory), "container", name(f))
		}
	}
}

// healthy is how old the loop's last round may be.
const healthy = 15 * time.Second

// Bounds of the metrics' server. A client must not use up the descriptors that docker and the cgroups need.
const (
	maxConnections = 16              // at once; the kernel queues the others
	askWithin      = 2 * time.Second // from the connection to the end of the request's header
	answerWithin   = 10 * time.Second
)

// Listen takes the address before anything is watched, so that one that is taken is an error at once.
func (m *Metrics) Listen(address string) (net.Listener, error) {
	if strings.HasPrefix(address, ":") {
		address = "127.0.0.1" + address // who wants all addresses says so: 0.0.0.0 or [::]
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &fault.UsageError{Text: fmt.Sprintf("--metrics-listen %s: %v", address, err),
			Next: "take another port, or see who has it: ss -ltnp"}
	}
	return netutil.LimitListener(listener, maxConnections), nil
}

// Serve answers GET and HEAD of /metrics and /healthz until ctx ends.
func (m *Metrics) Serve(ctx context.Context, listener net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", expositionType)
		w.Write(m.Text())
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if age := time.Since(time.Unix(0, m.beat.Load())); age > healthy {
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, "the watch does not go round\n")
			return
		}
		if !m.up() {
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, "docker does not answer: what the kernel tells is written without its word\n")
			return
		}
		io.WriteString(w, "ok\n")
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: askWithin, ReadTimeout: answerWithin, WriteTimeout: answerWithin,
		MaxHeaderBytes: 16 << 10}
	server.SetKeepAlivesEnabled(false) // connections that wait for their next request would keep others out
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the metrics at %s: %w", listener.Addr(), err)
	}
	return nil
}

// textfileEvery is how often the file for node_exporter's textfile collector is written.
const textfileEvery = 15 * time.Second

// Textfile writes the metrics to a file, which is replaced as a whole, until ctx ends.
func (m *Metrics) Textfile(ctx context.Context, path string, failed func(error)) {
	tick := time.NewTicker(textfileEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if err := m.WriteTextfile(path); err != nil {
				failed(err)
			}
			return
		case <-tick.C:
			if err := m.WriteTextfile(path); err != nil {
				failed(err)
			}
		}
	}
}

// WriteTextfile writes it once, a new file for everybody to read: node_exporter runs as somebody else. It does not tell of
// the process, for node_exporter has metrics of these names of its own.
func (m *Metrics) WriteTextfile(path string) error {
	var e exposition
	m.write(&e)
	if err := output.WriteFile(path, e.Bytes()); err != nil {
		return fmt.Errorf("writing the metrics to %s (--textfile): %w", path, err)
	}
	return nil
}
