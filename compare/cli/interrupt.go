package cli

import (
	"context"
	"os"
	"os/signal"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"
)

// repeated is the time in which signals count as one: a wrapper may relay the Ctrl-C that a terminal has sent to haltscope as well,
// and systemd sends SIGHUP right after SIGTERM (SendSIGHUP=).
const repeated = time.Second

// interruptible returns a context that ends on SIGINT, SIGTERM or SIGHUP, or when gone is closed: the docker CLI that runs
// haltscope as its plugin has ended. A second signal ends the program immediately, unless it comes within [repeated]. The end of
// docker does not count as a second signal, because a terminal sends Ctrl-C to both. The caller calls stop when the command is
// done.
func interruptible(log zerolog.Logger, command string, gone <-chan struct{}) (ctx context.Context, stop func()) {
	text := "interrupted, cleaning up; press Ctrl-C again to quit now (then run: haltscope clean)"
	if isAction(command) { // on the user's own containers: there is nothing to clean up
		text = "interrupted; docker may still complete the action; press Ctrl-C again to quit without a report"
	}
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	finished := make(chan struct{})
	go func() {
		signaled := false
		for {
			select {
			case <-signals:
				if !signaled {
					signaled = true
					time.AfterFunc(repeated, func() { signal.Stop(signals) }) // a later signal has its default action
				}
			case <-gone:
				gone = nil
			case <-finished:
				return
			}
			if ctx.Err() == nil {
				cancel()
				log.Warn().Msg(text)
			}
		}
	}()
	// A closed pipe on standard output must not end the program before the twins are removed.
	signal.Notify(make(chan os.Signal, 1), unix.SIGPIPE)
	return ctx, func() { close(finished); signal.Stop(signals); cancel() }
}

// terminateWhen sends SIGTERM to this process when gone is closed, for commands that handle their signals themselves.
func terminateWhen(gone <-chan struct{}) {
	if gone == nil {
		return
	}
	go func() {
		<-gone
		_ = unix.Kill(os.Getpid(), unix.SIGTERM) // it is this process
	}()
}
