// Package workload is the program inside the twins: haltscope's own executable, in an image of its own.
//
// It holds memory, uses CPU time, and accepts records. It acknowledges them on standard output, keeps them in a buffer, and
// writes them to disk when the buffer is full or when it is stopped. Records that were acknowledged, but are not on disk when the
// twin is started again, are lost: that is how compare measures a loss.
package workload

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Config holds the workload's flags.
type Config struct {
	Anon       Size          `help:"Anonymous memory to hold." default:"64MiB" placeholder:"SIZE"`
	Cache      Size          `help:"File to write and keep in the page cache." default:"32MiB" placeholder:"SIZE"`
	Shm        Size          `help:"Shared memory to hold (a memfd)." default:"0" placeholder:"SIZE"`
	CPU        int           `name:"cpu" help:"CPU use, in percent of one core." default:"10"`
	Rate       int           `help:"Records to accept per second." default:"200"`
	Buffer     int           `help:"Records to buffer before they are written to disk." default:"300"`
	Catch      []Signal      `help:"Stop signals to handle; others keep their default action." default:"TERM,INT,QUIT" placeholder:"SIGNAL"`
	Ignore     []Signal      `help:"Signals to ignore." placeholder:"SIGNAL"`
	Shutdown   time.Duration `help:"How long the shutdown takes before the buffer is written." default:"200ms"`
	AnonOnStop Size          `help:"Anonymous memory to allocate while shutting down." default:"0" placeholder:"SIZE"`
	ExitCode   int           `help:"Exit code after the shutdown." default:"0"`
	ExitAfter  time.Duration `help:"End by itself this long after it is ready, with the exit code and without writing the buffer."`
	Listen     int           `help:"TCP port to answer requests on; 0 for none." default:"0" placeholder:"PORT"`
	Data       string        `help:"Folder for the records and the cached file." default:"/data"`
}

// Line is a line of the workload's standard output, in JSON.
type Line struct {
	// Ack acknowledges all records up to this one. Most lines have nothing else.
	Ack       int    `json:"ack,omitempty"`
	Event     string `json:"event,omitempty"` // see below
	Instance  string `json:"instance,omitempty"`
	Persisted *int   `json:"persisted,omitempty"`
	Signal    string `json:"signal,omitempty"`
	HeldUsec  *int64 `json:"held_usec,omitempty"`
	FileUsec  *int64 `json:"file_usec,omitempty"`
	Intact    *bool  `json:"intact,omitempty"`
}

// The events, and the fields that come with them.
const (
	Started  = "started"  // Instance; Persisted: the records that were on disk before
	Ready    = "ready"    // the memory is held, and records are accepted
	Report   = "report"   // the answer to SIGUSR1: Instance; Persisted: the records on disk, once the buffer was written
	Touched  = "touched"  // the answer to SIGUSR2: Instance; HeldUsec, FileUsec: how long it took to read the memory and the file; Intact
	Stopping = "stopping" // Signal
	Stopped  = "stopped"  // Persisted: the records on disk after the shutdown
)

// ReportSignal asks the workload to write its buffer, and to report how many records are on disk.
const ReportSignal = "USR1"

// TouchSignal asks the workload to read everything that it holds, and to report how long that took.
const TouchSignal = "USR2"

// stopSignals are set to their default action, unless they are caught or ignored.
var stopSignals = []unix.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGQUIT, unix.SIGHUP}

// Run runs the workload until it is stopped, and returns the exit code.
func Run(c Config, stdout io.Writer) (int, error) {
	w := &workload{Config: c, out: bufio.NewWriter(stdout)}
	stop, report, touch, err := w.signals()
	if err != nil {
		return 1, err
	}
	if err := w.start(); err != nil {
		return 1, err
	}
	if err := w.hold(); err != nil {
		return 1, err
	}
	if err := w.listen(); err != nil {
		return 1, err
	}
	go burn(c.CPU)
	if err := w.write(Line{Event: Ready}); err != nil {
		return 1, err
	}
	var end <-chan time.Time
	if c.ExitAfter > 0 {
		end = time.After(c.ExitAfter)
	}
	accept := time.NewTicker(acceptInterval)
	defer accept.Stop()
	due := 0.0
	for {
		select {
		case <-accept.C:
			// Ticks are counted, for the clock goes on while the workload is frozen, and no client would wait for it.
			due += float64(c.Rate) * acceptInterval.Seconds()
			if err := w.accept(int(due)); err != nil {
				return 1, err
			}
		case <-report:
			if err := w.report(Report); err != nil {
				return 1, err
			}
		case <-touch:
			if err := w.touch(); err != nil {
				return 1, err
			}
		case <-end:
			return c.ExitCode, w.out.Flush()
		case s := <-stop:
			return w.shutdown(s)
		}
	}
}

// acceptInterval is the time between two acknowledgements. Each line of a log costs the engine far more than the workload.
const acceptInterval = 100 * time.Millisecond

type workload struct {
	Config
	out       *bufio.Writer
	instance  string
	records   *os.File
	persisted int   // records on disk, of earlier instances as well
	accepted  int   // records of this instance
	buffer    []int // records that were acknowledged and are not on disk
	held      []region
	file      cached
}

// signals sets the dispositions of all signals, and returns channels for the stop signals, [ReportSignal] and [TouchSignal].
func (w *workload) signals() (stop, report, touch chan os.Signal, err error) {
	stop, report, touch = make(chan os.Signal, 1), make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(report, unix.SIGUSR1)
	signal.Notify(touch, unix.SIGUSR2)
	for _, s := range w.Catch {
		signal.Notify(stop, unix.Signal(s))
	}
	for _, s := range w.Ignore {
		signal.Ignore(unix.Signal(s))
	}
	for _, s := range stopSignals {
		if !slices.Contains(w.Catch, Signal(s)) && !slices.Contains(w.Ignore, Signal(s)) {
			if err := setDefaultAction(s); err != nil {
				return nil, nil, nil, err
			}
		}
	}
	return stop, report, touch, nil
}

// start opens the records, and reports how many are on disk.
func (w *workload) start() error {
	id := make([]byte, 8)
	rand.Read(id)
	w.instance = hex.EncodeToString(id)
	var err error
	w.records, err = os.OpenFile(filepath.Join(w.Data, "records"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("opening the file of records: %w", err)
	}
	if w.persisted, err = w.readBack(); err != nil {
		return err
	}
	return w.write(Line{Event: Started, Instance: w.instance, Persisted: &w.persisted})
}

// shutdown handles a stop signal: it takes its time, writes the buffer, and returns the exit code.
func (w *workload) shutdown(s os.Signal) (int, error) {
	if err := w.write(Line{Event: Stopping, Signal: s.String()}); err != nil {
		return 1, err
	}
	if err := w.holdAnonymous(int(w.AnonOnStop)); err != nil {
		return 1, err
	}
	time.Sleep(w.Shutdown)
	if err := w.report(Stopped); err != nil {
		return 1, err
	}
	return w.ExitCode, nil
}

// write writes a line to standard output.
func (w *workload) write(l Line) error {
	if err := json.NewEncoder(w.out).Encode(l); err != nil {
		return err
	}
	return w.out.Flush()
}
