package value

import (
	"testing"
	"time"
)

func TestMilliseconds(t *testing.T) {
	for d, want := range map[time.Duration]float64{0: 0, 1234567: 1.235, -1234567: -1.235, 499: 0, time.Hour: 3.6e6} {
		if got := Milliseconds(d); got != want {
			t.Errorf("%d ns: %v, want %v", d, got, want)
		}
	}
}

func TestGrace(t *testing.T) {
	zero, endless := 0, -1
	for seconds, want := range map[*int]time.Duration{nil: 10 * time.Second, &zero: 0, &endless: -time.Second} {
		if got := Grace(seconds); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
}
