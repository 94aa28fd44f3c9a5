package watch

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haltscope/compare/fault"
)

// Command watches until a signal ends it, what it is to report has come, or the reader of stdout is gone. SIGTERM is how it is
// meant to end, and no error. The lines go to stdout through to, which may lay them out.
func Command(docker engine, s Settings, stdout, to io.Writer, log zerolog.Logger) error {
	o, err := s.options(time.Now())
	if err != nil {
		return err
	}
	o.Log = log
	listener, err := o.openMetrics(s)
	if err != nil {
		return err
	}
	if listener != nil {
		defer listener.Close()
	}
	keep := func(*Line) {}
	if s.Journal != "" {
		kept, err := openJournal(s.Journal, o.Redact, log)
		if err != nil {
			return err
		}
		defer kept.Close()
		keep = kept.Write
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	defer endOnSignal(ctx, cancel)()
	writer := NewWriter(NewLog(to, o.Redact), stdout, func() { cancel(errOutput) })
	go writer.WatchReader(ctx, func() { cancel(errClosed) })
	written := 0
	o.Write = func(line *Line) error {
		written++
		keep(line)
		return writer.Write(line)
	}
	system := newNotifier(log)
	o.Ready, o.Alive = system.ready, system.alive
	var serving sync.WaitGroup
	if listener != nil {
		serving.Go(func() {
			if err := o.metrics.Serve(ctx, listener); err != nil {
				cancel(err)
			}
		})
	}
	if s.Textfile != "" {
		serving.Go(func() {
			o.metrics.Textfile(ctx, s.Textfile, func(err error) { log.Warn().Msg(err.Error()) })
		})
	}
	err = Run(ctx, docker, o)
	system.end()
	cause := context.Cause(ctx)
	cancel(nil)
	serving.Wait()
	if failed := writer.Close(); failed != nil && !errors.Is(err, failed) {
		err = errors.Join(err, failed)
	}
	if err = ending(err, cause); err == nil && o.PastOnly && written == 0 {
		log.Info().Msg("nothing happened in this time to what is watched")
	}
	return err
}

// openMetrics makes the metrics that are asked for. The listener is nil if they are not served.
func (o *Options) openMetrics(s Settings) (net.Listener, error) {
	if s.Listen == "" && s.Textfile == "" {
		return nil, nil
	}
	o.metrics = NewMetrics(o.Redact)
	o.Observe = o.metrics
	var listener net.Listener
	if s.Listen != "" {
		var err error
		if listener, err = o.metrics.Listen(s.Listen); err != nil {
			return nil, err
		}
	}
	if s.Textfile != "" {
		if err := o.metrics.WriteTextfile(s.Textfile); err != nil {
			if listener != nil {
				listener.Close()
			}
			return nil, &fault.UsageError{Text: err.Error()}
		}
	}
	return listener, nil
}

// endOnSignal ends ctx on SIGTERM and SIGINT, until the returned function is called. It ignores SIGHUP, because there is nothing
// to reload, and SIGPIPE, because the write fails.
func endOnSignal(ctx context.Context, end context.CancelCauseFunc) (stop func()) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGPIPE)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-signals:
				switch s {
				case unix.SIGTERM:
					end(nil)
				case unix.SIGINT:
					end(fault.ErrInterrupted)
				}
			}
		}
	}()
	return func() { signal.Stop(signals) }
}

// ending is what the command returns for the error of the watch and the cause of its end.
func ending(err, cause error) error {
	switch {
	case errors.Is(err, errClosed), errors.Is(cause, errClosed):
		return nil // the reader has read enough
	case errors.Is(cause, errOutput):
		return err
	case errors.Is(cause, fault.ErrInterrupted):
		return fault.ErrInterrupted
	case cause != nil && !errors.Is(cause, context.Canceled):
		return errors.Join(cause, err)
	}
	return err
}
