package experiment

import (
	"testing"
	"time"
)

// TestEstimate checks that batches follow each other, and that the longest grace of a batch decides how long that takes.
func TestEstimate(t *testing.T) {
	const baseline = 2 * time.Second
	for _, c := range []struct {
		name    string
		batches [][]time.Duration
		takes   time.Duration
		limited bool
	}{
		{"one", [][]time.Duration{{10 * time.Second}}, baseline + perBatch + 10*time.Second, true},
		{"side by side", [][]time.Duration{{3 * time.Second, 10 * time.Second}}, baseline + perBatch + 10*time.Second, true},
		{"one after the other", [][]time.Duration{{10 * time.Second}, {3 * time.Second}}, 2*(baseline+perBatch) + 13*time.Second, true},
		{"no limit", [][]time.Duration{{-time.Second}, {0}}, 2 * (baseline + perBatch), false},
	} {
		if takes, limited := estimate(c.batches, baseline); takes != c.takes || limited != c.limited {
			t.Errorf("%s: %s, limited %t; wanted %s, %t", c.name, takes, limited, c.takes, c.limited)
		}
	}
}
