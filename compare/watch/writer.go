package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/fault"
)

// writerBacklog bounds the lines that wait for the output.
const writerBacklog = 10_000

// closeTimeout is how long the output has to take the last lines.
const closeTimeout = 2 * time.Second

// Writer passes lines to a log in a goroutine of its own: an output that is full must not keep the loop from reading events.
type Writer struct {
	lines chan *Line
	ended chan error
	fd    int // of the output; −1 for none
	err   error
}

// NewWriter returns a writer to a log whose output is out. When that fails, it calls failed, because the next line may be hours
// away.
func NewWriter(log *Log, out io.Writer, failed func()) *Writer {
	w := &Writer{lines: make(chan *Line, writerBacklog), ended: make(chan error, 1), fd: -1}
	if f, ok := out.(*os.File); ok {
		w.fd = int(f.Fd())
	}
	go func() {
		for line := range w.lines {
			if err := log.Write(line); err != nil {
				w.ended <- err
				failed()
				return
			}
		}
		w.ended <- nil
	}()
	return w
}

// Write queues a line. It fails if the output has failed, or has taken no lines for long.
func (w *Writer) Write(line *Line) error {
	if w.err != nil {
		return w.err
	}
	select {
	case err := <-w.ended:
		w.err = outputError(err)
		return w.err
	default:
	}
	select {
	case w.lines <- line:
		return nil
	default:
	}
	w.err = fault.WithHint(fmt.Errorf("%d lines are waiting, and the output accepts none: the watch ends here", writerBacklog),
		"check the program that reads its output")
	return w.err
}

// outputError distinguishes a reader that is gone, such as head after its last line, from an output that fails.
func outputError(err error) error {
	if errors.Is(err, unix.EPIPE) {
		return errClosed
	}
	return fmt.Errorf("writing a line to the output: %w", err)
}

// WatchReader calls gone when the output has no reader any more, even if there is nothing to write. It returns when ctx ends.
func (w *Writer) WatchReader(ctx context.Context, gone func()) {
	if w.fd < 0 {
		return
	}
	for ctx.Err() == nil {
		fds := []unix.PollFd{{Fd: int32(w.fd)}}
		n, err := unix.Poll(fds, 1000)
		if err == nil && n > 0 && fds[0].Revents&(unix.POLLERR|unix.POLLNVAL) != 0 {
			gone()
			return
		}
		if n > 0 {
			time.Sleep(time.Second) // a terminal hung up, which is no error
		}
	}
}

// Close waits for the output to take the last lines.
func (w *Writer) Close() error {
	close(w.lines)
	if w.err != nil {
		return w.err
	}
	select {
	case err := <-w.ended:
		if err != nil {
			w.err = outputError(err)
		}
		return w.err
	case <-time.After(closeTimeout):
		return fmt.Errorf("%d lines were not accepted by the output within %s", len(w.lines), closeTimeout)
	}
}
