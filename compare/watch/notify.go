package watch

import (
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/rs/zerolog"
)

// notifier reports the service's state to systemd, when it runs as a unit of Type=notify: sd_notify(3).
type notifier struct {
	log    zerolog.Logger
	every  time.Duration // of the watchdog; 0 for none
	last   time.Time
	failed bool
}

// newNotifier reads systemd's settings from the environment. Without them, or if the watchdog is for another process, the
// notifier reports nothing.
func newNotifier(log zerolog.Logger) *notifier {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn().Err(err).Msg("cannot parse systemd's watchdog settings in the environment; the watchdog gets no keep-alive")
	}
	return &notifier{log: log, every: limit / 3}
}

func (n *notifier) notify(state string) {
	_, err := daemon.SdNotify(false, state)
	if err != nil && !n.failed {
		n.log.Warn().Err(err).Str("state", state).Msg("could not notify systemd")
	}
	n.failed = err != nil
}

func (n *notifier) ready() { n.notify(daemon.SdNotifyReady) }
func (n *notifier) end()   { n.notify(daemon.SdNotifyStopping) }

// alive resets the watchdog. The loop calls it.
func (n *notifier) alive() {
	if n.every > 0 && time.Since(n.last) >= n.every {
		n.last = time.Now()
		n.notify(daemon.SdNotifyWatchdog)
	}
}
