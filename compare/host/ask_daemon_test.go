package host

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	"haltscope/dockercli"
)

// socketAt is a docker whose daemon listens at a path.
type socketAt struct {
	path    string
	timeout time.Duration
}

func (s socketAt) Endpoint(context.Context) (dockercli.Endpoint, error) {
	return dockercli.Endpoint{Host: "unix://" + s.path}, nil
}

func (s socketAt) CallTimeout() time.Duration { return s.timeout }

// TestSilentDaemon checks that a daemon that takes a connection, and does not answer or does not complete its answer, is given up: at the
// timeout, and when the command is interrupted.
func TestSilentDaemon(t *testing.T) {
	for name, begins := range map[string]string{"nothing": "", "half a head": "HTTP/1.1 200 OK\r\nContent-",
		"half a body": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"} {
		path := filepath.Join(t.TempDir(), "sock")
		listener, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				conn.Write([]byte(begins))
			}
		}()
		if s, err := askDaemon(t.Context(), socketAt{path, 50 * time.Millisecond}); err == nil {
			t.Errorf("%s, until the timeout: %+v", name, s)
		}
		ctx, interrupt := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer interrupt()
		if s, err := askDaemon(ctx, socketAt{path, time.Hour}); err == nil {
			t.Errorf("%s, until the interruption: %+v", name, s)
		}
	}
}
