package watch

import (
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// notifier tells systemd of the service's state, where it runs as one of Type=notify: sd_notify(3).
type notifier struct {
	conn  net.Conn
	every time.Duration // of the watchdog; 0 for none
	last  time.Time
}

// newNotifier takes what systemd has put into the environment; without it, nobody is told.
func newNotifier() *notifier {
	n := &notifier{}
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return n
	}
	if strings.HasPrefix(path, "@") {
		path = "\x00" + path[1:] // an abstract socket
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return n
	}
	n.conn = conn
	if usec, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64); err == nil && usec > 0 {
		n.every = time.Duration(usec) * time.Microsecond / 3
	}
	return n
}

func (n *notifier) tell(state string) {
	if n.conn != nil {
		n.conn.Write([]byte(state))
	}
}

func (n *notifier) ready() { n.tell("READY=1") }
func (n *notifier) end()   { n.tell("STOPPING=1") }

// alive keeps the watchdog quiet as long as the loop goes round.
func (n *notifier) alive() {
	if n.every > 0 && time.Since(n.last) >= n.every {
		n.last = time.Now()
		n.tell("WATCHDOG=1")
	}
}
