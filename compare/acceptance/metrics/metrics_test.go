// Package metrics checks the metrics of haltscope watch against Prometheus's own parser and linter.
package metrics

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/compare/watch"
)

// parsed returns the samples of each metric by their labels, as Prometheus parses them. Its linter must find no problem.
func parsed(t *testing.T, text []byte) map[string]map[string]float64 {
	t.Helper()
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v %v in\n%s", err, problems, text)
	}
	got := map[string]map[string]float64{}
	decoder := expfmt.SampleDecoder{Dec: expfmt.NewDecoder(bytes.NewReader(text), expfmt.NewFormat(expfmt.TypeTextPlain)),
		Opts: &expfmt.DecodeOptions{}}
	for {
		var samples model.Vector
		err := decoder.Decode(&samples)
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		for _, s := range samples {
			name := string(s.Metric[model.MetricNameLabel])
			labels := s.Metric.Clone()
			delete(labels, model.MetricNameLabel)
			if got[name] == nil {
				got[name] = map[string]float64{}
			}
			if _, twice := got[name][labels.String()]; twice {
				t.Errorf("%s%s appears twice", name, labels)
			}
			got[name][labels.String()] = float64(s.Value)
		}
	}
}

// scrape returns what a server of the metrics answers to Prometheus.
func scrape(t *testing.T, m *watch.Metrics) []byte {
	t.Helper()
	listener, err := m.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	go func() { served <- m.Serve(ctx, listener) }()
	response, err := http.Get("http://" + listener.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if expfmt.ResponseFormat(response.Header).FormatType() != expfmt.TypeTextPlain {
		t.Errorf("the content type is %q", response.Header.Get("Content-Type"))
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestExposition(t *testing.T) {
	m := watch.NewMetrics(false)
	parsed(t, scrape(t, m)) // before anything happened
	for _, took := range []time.Duration{5 * time.Millisecond, 10 * time.Millisecond, 10400 * time.Millisecond, 3 * time.Minute} {
		m.Line(&watch.Line{Action: "stop", Verdict: verdict.Forced, Level: watch.Warn, Duration: &took})
	}
	held := uint64(math.MaxInt64)
	odd := "a\"b\\c\nd{}"
	m.Frozen([]watch.Frozen{{ID: "1", Name: odd, Since: time.Now(), Memory: &held}, {ID: "2", Name: "none", Since: time.Now().Add(time.Hour)}})
	got := parsed(t, scrape(t, m))
	for le, want := range map[string]float64{"0.01": 2, "0.05": 2, "9": 2, "11": 3, "120": 3, "+Inf": 4} {
		if v, ok := got["haltscope_stop_duration_seconds_bucket"][`{le="`+le+`", verdict="forced"}`]; !ok || v != want {
			t.Errorf("up to %s s: %v, wanted %v", le, v, want)
		}
	}
	if v := got["haltscope_stop_duration_seconds_count"][`{verdict="forced"}`]; v != 4 {
		t.Errorf("count %v", v)
	}
	if sum := got["haltscope_stop_duration_seconds_sum"][`{verdict="forced"}`]; math.Abs(sum-190.415) > 1e-9 {
		t.Errorf("sum %v", sum)
	}
	if got := got["haltscope_container_frozen_memory_bytes"]; len(got) != 1 ||
		got[model.LabelSet{"container": model.LabelValue(value.Clean(odd))}.String()] != math.MaxInt64 {
		t.Errorf("memory: %v", got)
	}
	if v, ok := got["haltscope_container_frozen_seconds"][`{container="none"}`]; !ok || v != 0 {
		t.Errorf("frozen in the future: %v", v)
	}
	now := float64(time.Now().Unix())
	for name, bounds := range map[string][2]float64{"process_cpu_seconds_total": {1e-4, 1e4},
		"process_resident_memory_bytes": {1 << 20, 1 << 40},
		"process_virtual_memory_bytes":  {1 << 20, 1 << 50}, "process_open_fds": {3, 1000}, "process_max_fds": {3, 1 << 40},
		"process_start_time_seconds": {now - 60, now + 1}, "go_goroutines": {2, 1000}, "go_memstats_alloc_bytes": {1000, 1 << 40},
		"go_memstats_sys_bytes": {1 << 20, 1 << 40}} {
		if v, ok := got[name]["{}"]; !ok || v < bounds[0] || v > bounds[1] {
			t.Errorf("%s %v, wanted from %v to %v", name, v, bounds[0], bounds[1])
		}
	}
}
