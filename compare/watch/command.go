package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// memoryGoal is what the runtime tries to stay below, in bytes; a burst of events may take more.
const memoryGoal = 20 << 20

// Settings are the flags of the command, as they were given.
type Settings struct {
	Since    string
	Filters  []string
	Redact   bool
	Interval time.Duration
	Every    time.Duration
	Listen   string // address of the metrics; "" for none
	Textfile string // the same as a file; "" for none
}

// Command watches until a signal or the reader of stdout ends it. SIGTERM is how it is meant to end, and no error.
func Command(docker *dockercli.Client, s Settings, stdout io.Writer, log zerolog.Logger) error {
	o := Options{Interval: s.Interval, Every: s.Every, Log: log}
	var err error
	if o.Since, err = ParseSince(s.Since, time.Now()); err != nil {
		return err
	}
	if o.Filter, o.Names, err = ParseFilters(s.Filters); err != nil {
		return err
	}
	if s.Interval < 10*time.Millisecond || s.Every < time.Second {
		return &fault.UsageError{Text: "--interval takes at least 10ms, --reconcile at least 1s"}
	}
	if s.Textfile != "" && filepath.Ext(s.Textfile) != ".prom" {
		return &fault.UsageError{Text: fmt.Sprintf("--textfile %s: node_exporter reads files whose names end in .prom alone", s.Textfile)}
	}
	if s.Listen != "" || s.Textfile != "" {
		o.metrics = NewMetrics(s.Redact)
		o.Observe = o.metrics
	}
	var listener net.Listener
	if s.Listen != "" {
		if listener, err = o.metrics.Listen(s.Listen); err != nil {
			return err
		}
		defer listener.Close()
	}
	if s.Textfile != "" {
		if err := o.metrics.WriteTextfile(s.Textfile); err != nil {
			return &fault.UsageError{Text: err.Error()}
		}
	}
	// It runs for months beside what it watches: rather a little more collecting than memory that is held.
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(memoryGoal)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGPIPE)
	defer signal.Stop(signals)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-signals:
				switch s {
				case unix.SIGTERM:
					cancel(nil)
				case unix.SIGINT:
					cancel(fault.ErrInterrupted)
				} // SIGHUP: there is nothing to read again. SIGPIPE: the write tells.
			}
		}
	}()
	writer := NewWriter(NewLog(stdout, s.Redact), stdout, func() { cancel(errOutput) })
	go writer.WatchReader(ctx, func() { cancel(errClosed) })
	o.Write = writer.Write
	system := newNotifier(log)
	o.Ready, o.Alive = system.ready, system.alive
	var beside sync.WaitGroup
	if listener != nil {
		beside.Go(func() {
			if err := o.metrics.Serve(ctx, listener); err != nil {
				cancel(err)
			}
		})
	}
	if s.Textfile != "" {
		beside.Go(func() {
			o.metrics.Textfile(ctx, s.Textfile, func(err error) { log.Warn().Msg(err.Error()) })
		})
	}
	err = Run(ctx, docker, o)
	system.end()
	cause := context.Cause(ctx)
	cancel(nil)
	beside.Wait()
	if failed := writer.Close(); failed != nil && !errors.Is(err, failed) {
		err = errors.Join(err, failed)
	}
	switch {
	case errors.Is(err, errClosed), errors.Is(cause, errClosed):
		return nil // whoever reads has had enough
	case errors.Is(cause, errOutput):
		return err
	case errors.Is(cause, fault.ErrInterrupted):
		return fault.ErrInterrupted
	case cause != nil && !errors.Is(cause, context.Canceled):
		return errors.Join(cause, err)
	}
	return err
}

// ParseSince reads a moment as docker events does: a length of time ago, seconds of the Unix epoch, or RFC 3339.
func ParseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 && seconds < 1e11 {
		return time.Unix(0, int64(seconds*1e9)), nil
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, nil
	}
	return time.Time{}, &fault.UsageError{Text: fmt.Sprintf("--since %q is not a moment: try 10m, 2026-05-20T12:00:00Z, or seconds since 1970", text)}
}

// ParseFilters reads filters of docker's form, of the keys that docker ps and docker events both have: of one key any
// must hold, of several keys all. A name is a regular expression, as with docker ps.
func ParseFilters(texts []string) (f dockercli.Filter, names []*regexp.Regexp, err error) {
	for _, text := range texts {
		key, value, ok := strings.Cut(text, "=")
		if !ok || value == "" {
			return f, nil, &fault.UsageError{Text: fmt.Sprintf("--filter %q: try name=web, label=env=prod or image=nginx", text)}
		}
		switch key {
		case "label":
			f.Labels = append(f.Labels, value)
		case "image":
			f.Images = append(f.Images, value)
		case "name":
			name, err := regexp.Compile(value)
			if err != nil {
				return f, nil, &fault.UsageError{Text: fmt.Sprintf("--filter %q: %v", text, err)}
			}
			names = append(names, name)
		default:
			return f, nil, &fault.UsageError{Text: fmt.Sprintf("--filter %q: the keys are name, label and image", text)}
		}
	}
	return f, names, nil
}
