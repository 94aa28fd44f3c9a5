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
	"haltscope/compare/value"
)

// Metrics counts lines and exposes the counts to Prometheus. Only the gauges of frozen containers, of which there are few at a
// time, and a bounded number of counts of OOM kills have the container's name as a label; in a redacted watch it is the id.
type Metrics struct {
	redact  bool
	started time.Time
	beat    atomic.Int64 // when the loop last ran, in nanoseconds since 1970

	mu        sync.Mutex // for the fields below
	ends      map[verdict.Kind]uint64
	durations map[verdict.Kind]*histogram
	lines     map[Level]uint64
	ooms      uint64
	oomsOf    oomCounts
	gaps      uint64
	watched   int
	unwatched int
	connected bool
	frozen    []Frozen
}

// NewMetrics returns metrics in which each verdict and level is 0.
func NewMetrics(redact bool) *Metrics {
	m := &Metrics{redact: redact, started: time.Now(),
		ends: map[verdict.Kind]uint64{}, durations: map[verdict.Kind]*histogram{}, lines: map[Level]uint64{}}
	for _, kind := range []verdict.Kind{verdict.Graceful, verdict.FailedStopping, verdict.Terminated, verdict.Forced, verdict.Killed,
		verdict.OOMKilled, verdict.Exited, verdict.Crashed, verdict.Inconclusive} {
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
		m.oomsOf.add(m.label(line.ID, line.Name), *line.OOMKills)
	}
	switch line.Action {
	case "destroy":
		m.oomsOf.remove(m.label(line.ID, line.Name))
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

// Frozen records which containers are frozen.
func (m *Metrics) Frozen(all []Frozen) {
	slices.SortFunc(all, func(a, b Frozen) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	m.mu.Lock()
	m.frozen = all
	m.mu.Unlock()
	m.beat.Store(time.Now().UnixNano())
}

// Watched records how many containers are watched, and whether Docker answers and sends events.
func (m *Metrics) Watched(containers int, connected bool) {
	m.mu.Lock()
	m.watched, m.connected = containers, connected
	m.mu.Unlock()
}

// up reports whether Docker answers and sends events.
func (m *Metrics) up() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.connected
}

// Unwatched records how many running containers are not watched.
func (m *Metrics) Unwatched(containers int) {
	m.mu.Lock()
	m.unwatched = containers
	m.mu.Unlock()
}

// Text returns all metrics, by the conventions of Prometheus: base units, and counters that end in _total.
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
		"Time from the first signal that Docker sent until the first process ended, by verdict.")
	for _, kind := range slices.Sorted(maps.Keys(m.durations)) {
		e.histogram("haltscope_stop_duration_seconds", m.durations[kind], "verdict", string(kind))
	}
	e.single("haltscope_oom_kills_total", "counter", "Processes in containers that the kernel's OOM killer has killed.", float64(m.ooms))
	e.family("haltscope_container_oom_kills_total", "counter",
		fmt.Sprintf("The same by container, for the latest %d containers that lost processes.", oomContainers))
	for _, label := range slices.Sorted(maps.Keys(m.oomsOf.counts)) {
		e.sample("haltscope_container_oom_kills_total", float64(m.oomsOf.counts[label].kills), "container", label)
	}
	e.single("haltscope_gaps_total", "counter", "Periods of which it is unknown what happened.", float64(m.gaps))
	e.family("haltscope_lines_total", "counter", "Lines written, by level.")
	for _, level := range slices.Sorted(maps.Keys(m.lines)) {
		e.sample("haltscope_lines_total", float64(m.lines[level]), "level", string(level))
	}
	e.single("haltscope_containers_followed", "gauge", "Containers whose cgroups are watched.", float64(m.watched))
	e.single("haltscope_containers_unfollowed", "gauge", "Running containers whose cgroups are not watched.", float64(m.unwatched))
	up := 0.0
	if m.connected {
		up = 1
	}
	e.single("haltscope_docker_up", "gauge", "Whether Docker answers and reports events: 1 or 0.", up)
	e.single("haltscope_containers_frozen", "gauge", "Containers that the kernel's freezer has frozen.", float64(len(m.frozen)))
	m.writeFrozen(e)
}

// label is a container's label.
func (m *Metrics) label(id, name string) string {
	if m.redact {
		return value.ShortID(id)
	}
	return name
}

// writeFrozen writes the samples of the frozen containers.
func (m *Metrics) writeFrozen(e *exposition) {
	e.family("haltscope_container_frozen_seconds", "gauge",
		"How long a frozen container has been frozen; since the watch began if it was frozen before.")
	for _, f := range m.frozen {
		e.sample("haltscope_container_frozen_seconds", max(0, time.Since(f.Since).Seconds()), "container", m.label(f.ID, f.Name))
	}
	e.family("haltscope_container_frozen_memory_bytes", "gauge",
		"Memory that a frozen container held when it was frozen; absent if that was before the watch began.")
	for _, f := range m.frozen {
		if f.Memory != nil {
			e.sample("haltscope_container_frozen_memory_bytes", float64(*f.Memory), "container", m.label(f.ID, f.Name))
		}
	}
}

// healthy is how long ago the loop may have run last.
const healthy = 15 * time.Second

// Limits of the metrics server. Clients must not use up the descriptors that docker and the cgroups need.
const (
	maxConnections = 16              // at once; the kernel queues the others
	requestWithin  = 2 * time.Second // from the connection to the end of the request's header
	answerWithin   = 10 * time.Second
)

// Listen listens on an address. It is called before the watch begins, so that an address in use is an error at once.
func (m *Metrics) Listen(address string) (net.Listener, error) {
	if strings.HasPrefix(address, ":") {
		address = "127.0.0.1" + address // all addresses only if asked for: 0.0.0.0 or [::]
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &fault.UsageError{Text: fmt.Sprintf("--metrics-listen %s: %v", address, err),
			Next: "use another port, or see what uses this one: ss -ltnp"}
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
			io.WriteString(w, "the watch loop does not run\n")
			return
		}
		if !m.up() {
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, "docker does not answer: reporting what the kernel says, without confirmation by docker\n")
			return
		}
		io.WriteString(w, "ok\n")
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: requestWithin, ReadTimeout: answerWithin, WriteTimeout: answerWithin,
		MaxHeaderBytes: 16 << 10}
	server.SetKeepAlivesEnabled(false) // idle connections would keep others out
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the metrics at %s: %w", listener.Addr(), err)
	}
	return nil
}

// textfileEvery is how often the file for node_exporter's textfile collector is written.
const textfileEvery = 15 * time.Second

// Textfile writes the metrics to a file again and again until ctx ends, and a last time then.
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

// WriteTextfile replaces the file as a whole. A new file is readable for everybody, because node_exporter runs as another user.
// It has no metrics of the process, because node_exporter has its own by these names.
func (m *Metrics) WriteTextfile(path string) error {
	var e exposition
	m.write(&e)
	if err := output.WriteFile(path, e.Bytes()); err != nil {
		return fmt.Errorf("writing the metrics to %s (--textfile): %w", path, err)
	}
	return nil
}
