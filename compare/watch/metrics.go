package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"haltscope/compare/fault"
	"haltscope/compare/verdict"
)

// Metrics counts what the lines tell, and shows it to Prometheus. Names of containers are labels of the gauges of frozen
// containers alone, of which there are few at a time; a redacted watch shows ids there.
type Metrics struct {
	registry  *prometheus.Registry
	ends      *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	ooms      prometheus.Counter
	gaps      prometheus.Counter
	lines     *prometheus.CounterVec
	following prometheus.Gauge
	connected prometheus.Gauge
	redact    bool

	mu     sync.Mutex
	frozen []Frozen
	beat   atomic.Int64 // when the loop last went round, in nanoseconds since 1970
}

// NewMetrics makes the metrics, in the conventions of Prometheus: base units, counters end in _total.
func NewMetrics(redact bool) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), redact: redact,
		ends: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haltscope_container_ends_total",
			Help: "Ends of containers, by verdict."}, []string{"verdict"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "haltscope_stop_duration_seconds",
			Help:    "Time from the first signal that Docker sent until the first process was gone, by verdict.",
			Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 9, 11, 15, 30, 60, 120}}, []string{"verdict"}),
		ooms: prometheus.NewCounter(prometheus.CounterOpts{Name: "haltscope_oom_kills_total",
			Help: "Processes in containers that the kernel's OOM killer has killed."}),
		gaps: prometheus.NewCounter(prometheus.CounterOpts{Name: "haltscope_gaps_total",
			Help: "Times of which it is not known what happened."}),
		lines: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haltscope_lines_total",
			Help: "Lines written, by level."}, []string{"level"}),
		following: prometheus.NewGauge(prometheus.GaugeOpts{Name: "haltscope_containers_followed",
			Help: "Containers whose cgroups are watched."}),
		connected: prometheus.NewGauge(prometheus.GaugeOpts{Name: "haltscope_docker_up",
			Help: "Whether Docker tells of events: 1 or 0."}),
	}
	for _, kind := range []verdict.Kind{verdict.Graceful, verdict.Terminated, verdict.Forced, verdict.Killed, verdict.OOMKilled, verdict.Exited,
		verdict.Crashed, verdict.Inconclusive} {
		m.ends.WithLabelValues(string(kind)) // there from the start, at 0
	}
	m.registry.MustRegister(m.ends, m.duration, m.ooms, m.gaps, m.lines, m.following, m.connected, (*frozenCollector)(m),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Line counts a line.
func (m *Metrics) Line(line *Line) {
	m.lines.WithLabelValues(string(line.Level)).Inc()
	if line.OOMKills != nil {
		m.ooms.Add(float64(*line.OOMKills))
	}
	switch line.Action {
	case "stop", "kill", "die":
		if line.Verdict == "" {
			return // a signal that was outlived
		}
		m.ends.WithLabelValues(string(line.Verdict)).Inc()
		if line.Duration != nil {
			m.duration.WithLabelValues(string(line.Verdict)).Observe(line.Duration.Seconds())
		}
	case ActionGap:
		m.gaps.Inc()
	}
}

// Frozen takes which containers are frozen.
func (m *Metrics) Frozen(all []Frozen) {
	m.mu.Lock()
	m.frozen = all
	m.mu.Unlock()
	m.beat.Store(time.Now().UnixNano())
}

// Following takes how many are watched, and whether Docker tells of events.
func (m *Metrics) Following(containers int, connected bool) {
	m.following.Set(float64(containers))
	up := 0.0
	if connected {
		up = 1
	}
	m.connected.Set(up)
}

// frozenCollector shows what is frozen as it is when it is asked.
type frozenCollector Metrics

var (
	frozenCount  = prometheus.NewDesc("haltscope_containers_frozen", "Containers that the kernel's freezer holds.", nil, nil)
	frozenSince  = prometheus.NewDesc("haltscope_container_frozen_seconds", "For how long a frozen container has been.", []string{"container"}, nil)
	frozenMemory = prometheus.NewDesc("haltscope_container_frozen_memory_bytes", "Memory that a frozen container held when it was frozen.", []string{"container"}, nil)
)

func (c *frozenCollector) Describe(to chan<- *prometheus.Desc) {
	to <- frozenCount
	to <- frozenSince
	to <- frozenMemory
}

func (c *frozenCollector) Collect(to chan<- prometheus.Metric) {
	m := (*Metrics)(c)
	m.mu.Lock()
	all := m.frozen
	m.mu.Unlock()
	to <- prometheus.MustNewConstMetric(frozenCount, prometheus.GaugeValue, float64(len(all)))
	for _, f := range all {
		name := f.Name
		if m.redact {
			name = f.ID[:min(12, len(f.ID))]
		}
		to <- prometheus.MustNewConstMetric(frozenSince, prometheus.GaugeValue, max(0, time.Since(f.Since).Seconds()), name)
		if f.Memory != nil {
			to <- prometheus.MustNewConstMetric(frozenMemory, prometheus.GaugeValue, float64(*f.Memory), name)
		}
	}
}

// healthy is how old the loop's last round may be.
const healthy = 15 * time.Second

// Listen takes the address before anything is watched, so that one that is taken is an error at once.
func (m *Metrics) Listen(address string) (net.Listener, error) {
	if strings.HasPrefix(address, ":") {
		address = "127.0.0.1" + address // who wants all addresses says so: 0.0.0.0 or [::]
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &fault.UsageError{Text: fmt.Sprintf("--metrics-listen %s: %v\ntake another port, or see who has it: ss -ltnp", address, err)}
	}
	return listener, nil
}

// Serve answers /metrics and /healthz until ctx ends.
func (m *Metrics) Serve(ctx context.Context, listener net.Listener) error {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if age := time.Since(time.Unix(0, m.beat.Load())); age > healthy {
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, "the watch does not go round\n")
			return
		}
		io.WriteString(w, "ok\n")
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 20 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
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

// WriteTextfile writes it once.
func (m *Metrics) WriteTextfile(path string) error {
	if err := prometheus.WriteToTextfile(path, m.registry); err != nil {
		return fmt.Errorf("writing the metrics to %s (--textfile): %w", path, err)
	}
	return nil
}
