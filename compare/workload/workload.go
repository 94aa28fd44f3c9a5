// Package workload is the program inside the twin: haltscope's own executable, in an image of its own.
//
// It holds memory, uses CPU, and accepts records: they are acknowledged on standard output, kept in a buffer, and
// written to disk when the buffer is full or when the workload is told to stop. What was acknowledged and is not on
// disk when the twin is started again is lost, which is how compare measures loss instead of asserting it.
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
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Config is the workload's flags.
type Config struct {
	Anon       Size          `help:"Anonymous memory to hold." default:"64MiB" placeholder:"SIZE"`
	Cache      Size          `help:"File to write and keep in the page cache." default:"32MiB" placeholder:"SIZE"`
	Shm        Size          `help:"Shared memory to hold (a memfd)." default:"0" placeholder:"SIZE"`
	CPU        int           `name:"cpu" help:"CPU use, in percent of one core." default:"10"`
	Rate       int           `help:"Records to accept, a second." default:"200"`
	Buffer     int           `help:"Records to buffer before they are written to disk." default:"300"`
	Catch      []Signal      `help:"Stop signals to handle; those left out keep their default action." default:"TERM,INT,QUIT" placeholder:"SIGNAL"`
	Ignore     []Signal      `help:"Signals to ignore." placeholder:"SIGNAL"`
	Shutdown   time.Duration `help:"How long the shutdown takes before the buffer is written." default:"200ms"`
	AnonOnStop Size          `help:"Anonymous memory to take when told to stop." default:"0" placeholder:"SIZE"`
	ExitCode   int           `help:"Exit code after the shutdown." default:"0"`
	ExitAfter  time.Duration `help:"End without being told to, this long after being ready; with the exit code, and without writing the buffer."`
	Listen     int           `help:"TCP port to answer requests on; 0 for none." default:"0" placeholder:"PORT"`
	Data       string        `help:"Folder for the records and the cached file." default:"/data"`
}

// Line is what the workload writes to its standard output, one JSON document a line.
type Line struct {
	// Ack acknowledges all records up to this one, and is most lines.
	Ack       int    `json:"ack,omitempty"`
	Event     string `json:"event,omitempty"` // started, ready, report, touched, stopping, stopped
	Instance  string `json:"instance,omitempty"`
	Persisted *int   `json:"persisted,omitempty"`
	Signal    string `json:"signal,omitempty"`
	HeldUsec  *int64 `json:"held_usec,omitempty"`
	FileUsec  *int64 `json:"file_usec,omitempty"`
	Intact    *bool  `json:"intact,omitempty"`
}

const (
	Started  = "started"  // Instance, Persisted: what the disk held before this instance
	Ready    = "ready"    // memory is held, records are being accepted
	Report   = "report"   // answer to SIGUSR1, Instance, Persisted: the buffer has been written, and read back
	Touched  = "touched"  // answer to SIGUSR2, Instance; HeldUsec, FileUsec: how long it took to read what is held, and the file; Intact
	Stopping = "stopping" // Signal
	Stopped  = "stopped"  // Persisted: what the disk holds after the shutdown
)

// ReportSignal asks the workload to write its buffer and report what the disk holds.
const ReportSignal = "USR1"

// TouchSignal asks the workload to read all that it holds, and say how long that took.
const TouchSignal = "USR2"

// stopSignals are those of which Catch may leave some to their default action.
var stopSignals = []unix.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGQUIT, unix.SIGHUP}

// Run is the workload. It returns the exit code.
func Run(c Config, stdout io.Writer) (int, error) {
	w := &workload{Config: c, out: bufio.NewWriter(stdout)}
	stop, report, touch := w.signals()
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
	w.say(Line{Event: Ready})
	var end <-chan time.Time
	if c.ExitAfter > 0 {
		end = time.After(c.ExitAfter)
	}
	accept := time.NewTicker(acceptEvery)
	defer accept.Stop()
	due := 0.0
	for {
		select {
		case <-accept.C:
			// By ticks, not by the clock: a clock runs on while the workload is frozen, and no client waits for it.
			due += float64(c.Rate) * acceptEvery.Seconds()
			if err := w.accept(int(due)); err != nil {
				return 1, err
			}
		case <-report:
			if err := w.report(Report); err != nil {
				return 1, err
			}
		case <-touch:
			if err := w.touchAgain(); err != nil {
				return 1, err
			}
		case <-end:
			return c.ExitCode, w.out.Flush()
		case s := <-stop:
			return w.shutdown(s)
		}
	}
}

// acceptEvery is how often records are accepted, and acknowledged together: each line of a log costs the engine far
// more than it costs the workload, and the engine is what is being watched.
const acceptEvery = 100 * time.Millisecond

type workload struct {
	Config
	out       *bufio.Writer
	instance  string
	records   *os.File
	persisted int   // of earlier instances and this one
	accepted  int   // of this instance
	buffer    []int // acknowledged, not on disk
	held      []region
	file      cached
}

// signals installs the dispositions asked for, and returns the channels for the stop signals, for the report and for touching.
func (w *workload) signals() (stop, report, touch chan os.Signal) {
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
			defaultAction(s)
		}
	}
	return stop, report, touch
}

func (w *workload) start() error {
	id := make([]byte, 8)
	rand.Read(id)
	w.instance = hex.EncodeToString(id)
	var err error
	w.records, err = os.OpenFile(filepath.Join(w.Data, "records"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("opening the records: %w", err)
	}
	if w.persisted, err = w.readBack(); err != nil {
		return err
	}
	return w.say(Line{Event: Started, Instance: w.instance, Persisted: &w.persisted})
}

// readBack counts the records on disk, which must be 1, 2, 3, … without a gap. A last line that was cut off is not a
// record.
func (w *workload) readBack() (int, error) {
	if _, err := w.records.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	return countRecords(w.records)
}

func countRecords(r io.Reader) (int, error) {
	in := bufio.NewReader(r)
	for n := 0; ; n++ {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, fmt.Errorf("reading the records back: %w", err)
		}
		if seq, err := strconv.Atoi(line[:len(line)-1]); err != nil || seq != n+1 {
			return n, fmt.Errorf("reading the records back: record %d reads %q", n+1, line)
		}
	}
}

// accept takes records until as many as are due have come, and acknowledges them. A full buffer is written once the next
// record has come and is acknowledged, and without that one: an acknowledged record is at stake at any moment.
func (w *workload) accept(due int) error {
	if w.accepted >= due {
		return nil
	}
	for ; w.accepted < due; w.accepted++ {
		w.buffer = append(w.buffer, w.persisted+len(w.buffer)+1)
	}
	if err := w.say(Line{Ack: w.persisted + len(w.buffer)}); err != nil {
		return err
	}
	full := max(w.Buffer, 1)
	return w.flush((len(w.buffer) - 1) / full * full)
}

// flush writes the first n records of the buffer.
func (w *workload) flush(n int) error {
	if n == 0 {
		return nil
	}
	text := make([]byte, 0, 8*n)
	for _, seq := range w.buffer[:n] {
		text = append(strconv.AppendInt(text, int64(seq), 10), '\n')
	}
	if _, err := w.records.Write(text); err != nil {
		return fmt.Errorf("writing the records: %w", err)
	}
	if err := w.records.Sync(); err != nil {
		return fmt.Errorf("writing the records: %w", err)
	}
	w.persisted += n
	w.buffer = append(w.buffer[:0], w.buffer[n:]...)
	return nil
}

// report writes the buffer, and says what a fresh look at the disk finds.
func (w *workload) report(event string) error {
	if err := w.flush(len(w.buffer)); err != nil {
		return err
	}
	found, err := w.readBack()
	if err != nil {
		return err
	}
	return w.say(Line{Event: event, Instance: w.instance, Persisted: &found})
}

func (w *workload) shutdown(s os.Signal) (int, error) {
	if err := w.say(Line{Event: Stopping, Signal: s.String()}); err != nil {
		return 1, err
	}
	if err := w.take(int(w.AnonOnStop)); err != nil {
		return 1, err
	}
	time.Sleep(w.Shutdown)
	if err := w.report(Stopped); err != nil {
		return 1, err
	}
	return w.ExitCode, nil
}

func (w *workload) say(l Line) error {
	if err := json.NewEncoder(w.out).Encode(l); err != nil {
		return err
	}
	return w.out.Flush()
}
