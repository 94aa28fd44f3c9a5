package value

import (
	"fmt"
	"time"

	"github.com/docker/go-units"
)

// Bytes formats a size in binary units with four significant digits, as docker does.
func Bytes[T uint64 | int64 | float64](v T) string {
	if v < 0 {
		return "−" + Bytes(-v)
	}
	return units.CustomSize("%.4g %s", float64(v), 1024, []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"})
}

// Usec formats an increase of CPU time, in microseconds: "+475 ms".
func Usec(usec uint64) string {
	if usec < 1000 {
		return fmt.Sprintf("+%d µs", usec)
	}
	return "+" + Duration(float64(usec)/1000)
}

// Milliseconds returns a duration as the documents have it: in milliseconds, rounded to the microsecond.
func Milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
}

// Duration formats milliseconds with about three digits, in the unit that fits.
func Duration(ms float64) string {
	switch d := time.Duration(ms * float64(time.Millisecond)); {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%.1f ms", ms)
	case d < time.Second:
		return fmt.Sprintf("%.0f ms", ms)
	default:
		return fmt.Sprintf("%.2f s", ms/1000)
	}
}

// Age formats milliseconds in the two largest units that fit: "3 h 20 min".
func Age(ms float64) string {
	d := time.Duration(ms * float64(time.Millisecond))
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return Duration(ms)
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	case d < day:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%d d %d h", d/day, d%day/time.Hour)
}

// Count formats a number of things: "1 process", "3 processes".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
