package watch

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// TestNotifier checks that the watchdog is reset if it is for this process, and only then.
func TestNotifier(t *testing.T) {
	for _, c := range []struct{ name, usec, pid, want, warning string }{
		{"no watchdog", "", "", "READY=1 STOPPING=1", ""},
		{"ours", "3000000", strconv.Itoa(os.Getpid()), "READY=1 WATCHDOG=1 STOPPING=1", ""},
		{"of whatever process", "3000000", "", "READY=1 WATCHDOG=1 STOPPING=1", ""},
		{"another process's", "3000000", "1", "READY=1 STOPPING=1", ""},
		{"nonsense", "soon", "", "READY=1 STOPPING=1", "WATCHDOG_USEC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "notify")
			systemd, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
			if err != nil {
				t.Fatal(err)
			}
			defer systemd.Close()
			t.Setenv("NOTIFY_SOCKET", path)
			t.Setenv("WATCHDOG_USEC", c.usec)
			t.Setenv("WATCHDOG_PID", c.pid)
			var log bytes.Buffer
			n := newNotifier(zerolog.New(&log))
			n.ready()
			n.alive()
			n.alive() // too soon
			n.end()
			var got []string
			for buf := make([]byte, 100); len(got) == 0 || got[len(got)-1] != "STOPPING=1"; {
				systemd.SetReadDeadline(time.Now().Add(time.Minute))
				length, err := systemd.Read(buf)
				if err != nil {
					t.Fatalf("after %q: %v", got, err)
				}
				got = append(got, string(buf[:length]))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("systemd received %q, wanted %q", got, c.want)
			}
			if c.warning == "" && log.Len() > 0 || !strings.Contains(log.String(), c.warning) {
				t.Errorf("log: %s", log.String())
			}
		})
	}
}

// TestNotifierFails checks that a socket without a listener is a warning, once.
func TestNotifierFails(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "none"))
	var log bytes.Buffer
	n := newNotifier(zerolog.New(&log))
	n.ready()
	n.end()
	if strings.Count(log.String(), "could not notify systemd") != 1 {
		t.Errorf("log: %s", log.String())
	}
}
