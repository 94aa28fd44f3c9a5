package experiment

import (
	"context"
	"testing"
)

// Acknowledgements go on while the report is on its way to us: they are not lost records.
func TestJournalCountsUpToTheReport(t *testing.T) {
	j := &journal{change: make(chan struct{})}
	for _, line := range []string{
		`{"event":"started","instance":"aa","persisted":0}`, `{"event":"ready"}`,
		`{"ack":1}`, `not of the workload`, `{"ack":2}`, `{"event":"report","instance":"aa","persisted":2}`, `{"ack":3}`, `{"ack":4}`,
	} {
		j.add([]byte(line))
	}
	told, ok := j.await(context.Background(), func(t told) bool { return t.report != nil })
	if !ok || told.atReport != 2 || *told.report.Persisted != 2 || told.acknowledged != 4 || !told.ready || *told.started.Persisted != 0 {
		t.Errorf("%+v", told)
	}
}
