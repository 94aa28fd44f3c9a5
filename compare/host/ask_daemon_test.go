package host

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

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
		t.Run(name+", until the timeout", func(t *testing.T) {
			t.Parallel()
			path, begun := silentDaemon(t, begins)
			_, err := askDaemon(t.Context(), socketAt{path, 500 * time.Millisecond})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
			select {
			case <-begun:
			default:
				t.Error("the daemon got no connection, or could not begin its answer")
			}
		})
		t.Run(name+", until the interruption", func(t *testing.T) {
			t.Parallel()
			path, begun := silentDaemon(t, begins)
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			failed := make(chan error, 1)
			go func() {
				_, err := askDaemon(ctx, socketAt{path, time.Hour})
				failed <- err
			}()
			<-begun
			interrupt()
			if err := <-failed; !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		})
	}
}

// silentDaemon listens, takes one connection, begins an answer, and says no more. begun is closed once it has begun.
func silentDaemon(t *testing.T, begins string) (path string, begun <-chan struct{}) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	has, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := listener.Accept()
		if err != nil {
			return // the test has ended, and says what is missing
		}
		defer conn.Close()
		if _, err := conn.Write([]byte(begins)); err != nil {
			t.Error(err)
			return
		}
		close(has)
		if _, err := io.Copy(io.Discard, conn); err != nil && !errors.Is(err, unix.ECONNRESET) { // until the client closes it
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-ended
	})
	return path, has
}
