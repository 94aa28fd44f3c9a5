package experiment

import (
	"context"
	"testing"
)

// Acknowledgements that come after the report are not lost records.
func TestLogCountsUpToTheReport(t *testing.T) {
	l := &workloadLog{change: make(chan struct{})}
	for _, line := range []string{
		`{"event":"started","instance":"aa","persisted":0}`, `{"event":"ready"}`,
		`{"ack":1}`, `not of the workload`, `{"ack":2}`, `{"event":"report","instance":"aa","persisted":2}`, `{"ack":3}`, `{"ack":4}`,
	} {
		l.add([]byte(line))
	}
	s, ok := l.await(context.Background(), func(s logState) bool { return s.report != nil })
	if !ok || s.acknowledgedAtReport != 2 || *s.report.Persisted != 2 || s.acknowledged != 4 || !s.ready || *s.started.Persisted != 0 {
		t.Errorf("%+v", s)
	}
}
