package systemd

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"haltscope/cgroupfs"
	"haltscope/compare/value"
)

// Past is what the journal reports about processes that ended, in this boot and in earlier ones, oldest first.
type Past struct {
	Kernel cgroupfs.KernelPast // its times are when journald read the kernel's records
	Dumps  []CoreDump
	Kills  []Kill
	Oldest time.Time // of the first of these entries; zero if there is none
}

// CoreDump is a process that was ended by a signal whose action is to dump core.
type CoreDump struct {
	At     time.Time // when the signal came, in whole seconds
	PID    int       // in the initial PID namespace
	Name   string
	Signal value.Signal
	Cgroup string
}

// The bounds of what is read of the journal.
const (
	maxLines = 100_000
	maxBytes = 64 << 20
)

// coreDumpID is the id of the messages about core dumps (systemd, sd-messages.h, SD_MESSAGE_COREDUMP).
const coreDumpID = "fc2e22bc6ee647b6b90729ab34a250b1"

// ErrNothing means that the journal has none of the entries that are looked for.
var ErrNothing = errors.New("it has no entry of the kernel, of a core dump, of systemd-oomd or of earlyoom")

// ReadPast reads the journal of all boots, or since a time, in one pass.
func ReadPast(ctx context.Context, since time.Time) (*Past, error) {
	q := &Query{Since: since, Lines: maxLines, Bytes: maxBytes,
		Matches: []string{"_TRANSPORT=kernel", "+", "MESSAGE_ID=" + coreDumpID, "+", "_SYSTEMD_UNIT=" + oomdUnit, "+",
			"_SYSTEMD_UNIT=" + earlyoomUnit},
		Fields: []string{"MESSAGE", "MESSAGE_ID", "_TRANSPORT", "SYSLOG_IDENTIFIER", "SYSLOG_FACILITY", "_SYSTEMD_UNIT",
			"_SOURCE_REALTIME_TIMESTAMP", "_SOURCE_MONOTONIC_TIMESTAMP", "COREDUMP_CGROUP", "COREDUMP_SIGNAL", "COREDUMP_COMM",
			"COREDUMP_PID", "COREDUMP_TIMESTAMP"}}
	var past *Past
	err := Read(ctx, q, func(r io.Reader) (err error) {
		past, err = ParsePast(r)
		return err
	})
	if err == nil && past.Oldest.IsZero() {
		err = ErrNothing
	}
	return past, err
}

// maxEntry bounds an entry, in bytes. A core dump has a stack trace in its message.
const maxEntry = 1 << 20

// ParsePast parses entries as journalctl -o json prints them, one a line, oldest first. Entries in another form are skipped.
//
//	{"_TRANSPORT":"kernel","SYSLOG_FACILITY":"0","SYSLOG_IDENTIFIER":"kernel","_BOOT_ID":"5df5…","__REALTIME_TIMESTAMP":"1796113006589051",
//	"MESSAGE":"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=docker-61a1….scope,…", …}
//
// Each is one line. Times are in microseconds. A field is a string, an array of bytes if it is not UTF-8, or null if it is too long:
// systemd.journal-fields(7), and the journal's JSON format.
func ParsePast(r io.Reader) (*Past, error) {
	p := parser{past: &Past{}}
	in := bufio.NewReaderSize(r, maxEntry)
	for {
		text, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			err = skipLine(in)
		case gjson.ValidBytes(text):
			p.entry(text)
		}
		if errors.Is(err, io.EOF) {
			return p.past, nil
		}
		if err != nil {
			return p.past, fmt.Errorf("reading what journalctl prints: %w", err)
		}
	}
}

// skipLine reads the rest of a line that is too long.
func skipLine(in *bufio.Reader) error {
	for {
		if _, err := in.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// parser parses entries.
type parser struct {
	past   *Past
	boot   string // of the kernel's last record
	kernel cgroupfs.PastText
	sent   bool // the last of the kills is earlyoom's, and it may say more about it
}

func (p *parser) entry(text []byte) {
	all := gjson.GetManyBytes(text, "__REALTIME_TIMESTAMP", "_TRANSPORT", "MESSAGE_ID", "_SYSTEMD_UNIT", "MESSAGE",
		"_SOURCE_REALTIME_TIMESTAMP")
	at, ok := microseconds(all[0])
	if !ok {
		return
	}
	if p.past.Oldest.IsZero() {
		p.past.Oldest = at
	}
	message := bytesOf(all[4])
	if sent, ok := microseconds(all[5]); ok {
		at = sent
	}
	unit := all[3].Str
	switch {
	case all[1].Str == "kernel":
		p.kernelRecord(text, message, at)
	// Anybody may send a message with such an id. But nobody can choose the unit that journald finds them in.
	case all[2].Str == coreDumpID && strings.HasPrefix(unit, "systemd-coredump"):
		p.coreDump(text)
	case unit == oomdUnit:
		p.oomd(message, at)
	case unit == earlyoomUnit:
		p.earlyoom(message, at)
	}
}

// kernelRecord parses a record of the kernel. A program's record in /dev/kmsg has another facility: 0 is the kernel's, and old versions
// leave it out (systemd, journald-kmsg.c).
//
// __MONOTONIC_TIMESTAMP is when journald read the record, and _SOURCE_MONOTONIC_TIMESTAMP when the kernel wrote it. They come from two
// clocks, which drift apart after the boot. So their difference is only the most that the record can be older than the entry.
func (p *parser) kernelRecord(text, message []byte, at time.Time) {
	all := gjson.GetManyBytes(text, "SYSLOG_IDENTIFIER", "SYSLOG_FACILITY", "_BOOT_ID", "__MONOTONIC_TIMESTAMP", "_SOURCE_MONOTONIC_TIMESTAMP")
	if all[0].Str != "kernel" || all[1].Exists() && all[1].Str != "0" {
		return
	}
	if boot := all[2].Str; boot != p.boot {
		p.boot, p.kernel = boot, cgroupfs.PastText{}
	}
	early := unknownDelay
	read, ok := microseconds(all[3])
	if written, sure := microseconds(all[4]); ok && sure {
		early = max(read.Sub(written), 0)
	}
	past := &p.past.Kernel
	kills, faults := len(past.Kills), len(past.Faults)
	p.kernel.Add(past, message, at)
	for i := range past.Kills[kills:] {
		past.Kills[kills+i].Early = early
	}
	for i := range past.Faults[faults:] {
		past.Faults[faults+i].Early = early
	}
}

// unknownDelay is how much older than its entry a record may be if the journal does not say.
const unknownDelay = 10 * time.Second

// coreDump parses an entry of systemd-coredump, which has more fields than these:
//
//	"COREDUMP_PID":"4242","COREDUMP_COMM":"crash","COREDUMP_SIGNAL":"11","COREDUMP_TIMESTAMP":"1796113006000000",
//	"COREDUMP_CGROUP":"/system.slice/docker-61a1….scope"
//
// Source: systemd, src/coredump; systemd-coredump(8).
func (p *parser) coreDump(text []byte) {
	all := gjson.GetManyBytes(text, "COREDUMP_PID", "COREDUMP_COMM", "COREDUMP_SIGNAL", "COREDUMP_TIMESTAMP", "COREDUMP_CGROUP")
	pid, pidErr := strconv.ParseUint(all[0].Str, 10, 31)
	signal, signalErr := strconv.ParseUint(all[2].Str, 10, 8)
	at, ok := microseconds(all[3])
	if pidErr != nil || signalErr != nil || !ok || pid == 0 || !value.ValidSignal(value.Signal(signal)) || all[4].Str == "" {
		return
	}
	p.past.Dumps = append(p.past.Dumps, CoreDump{At: at, PID: int(pid), Name: string(bytesOf(all[1])), Signal: value.Signal(signal),
		Cgroup: all[4].Str})
}

// microseconds parses a time.
func microseconds(field gjson.Result) (at time.Time, ok bool) {
	const latest = int64(1) << 53 // the year 2255
	usec, err := strconv.ParseInt(field.Str, 10, 64)
	if err != nil || usec <= 0 || usec > latest {
		return at, false
	}
	return time.UnixMicro(usec), true
}

// bytesOf returns the first line of a field.
func bytesOf(field gjson.Result) []byte {
	var all []byte
	switch {
	case field.Type == gjson.String:
		all = []byte(field.Str)
	case field.IsArray():
		for _, b := range field.Array() {
			if b.Type != gjson.Number || b.Num < 0 || b.Num > 255 {
				return nil
			}
			all = append(all, byte(b.Num))
		}
	}
	first, _, _ := bytes.Cut(all, []byte{'\n'})
	return first
}
