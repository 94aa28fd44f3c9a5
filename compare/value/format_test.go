package value

import "testing"

func TestFormat(t *testing.T) {
	const hour = 3600 * 1000
	for got, want := range map[string]string{
		Bytes(uint64(0)): "0 B", Bytes(uint64(1023)): "1023 B", Bytes(uint64(4096)): "4 KiB", Bytes(int64(-2 << 20)): "−2 MiB",
		Bytes(97.2 * (1 << 20)): "97.2 MiB",
		Duration(0.002):         "2 µs", Duration(2.13): "2.1 ms", Duration(250.4): "250 ms", Duration(1050): "1.05 s",
		Usec(0): "+0 µs", Usec(999): "+999 µs", Usec(475_000): "+475 ms",
		Age(59_000): "59.00 s", Age(61_000): "1 min 1 s", Age(2.5 * hour): "2 h 30 min", Age(49 * hour): "2 d 1 h",
		Count(1, "process", "processes"): "1 process", Count(0, "process", "processes"): "0 processes",
	} {
		if got != want {
			t.Errorf("%q, wanted %q", got, want)
		}
	}
}
