package dockercli

import "testing"

func TestParsePort(t *testing.T) {
	const text = "6379/tcp -> 127.0.0.1:32770\n80/tcp -> 127.0.0.1:32768\n80/udp -> 127.0.0.1:32769\n"
	for port, want := range map[int]string{80: "127.0.0.1:32768", 6379: "127.0.0.1:32770", 443: "", 8: ""} {
		if got := parsePort(text, port); got != want {
			t.Errorf("%d: %q, wanted %q", port, got, want)
		}
	}
}
