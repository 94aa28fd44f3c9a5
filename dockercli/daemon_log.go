package dockercli

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"haltscope/compare/value"
)

// DaemonLog is what dockerd's log tells about the ends of containers.
type DaemonLog struct {
	Forced    []ForcedLine // stops whose grace ran out
	Shutdowns []time.Time  // when dockerd was told to end
	Starts    []time.Time  // when dockerd began
	From      time.Time    // of its first line with a time; zero if there is none
	To        time.Time    // of its last line of the level info with a time: dockerd may have left out later ones; zero if there is none
	Info      bool         // it has lines of the level info, so that none of the above is left out
	Lines     int
}

// ForcedLine reports that the grace of a stop ran out and dockerd sent SIGKILL.
type ForcedLine struct {
	ID     string // the container's full id
	At     time.Time
	Grace  string // such as 10s or "10 seconds"
	Signal int    // the stop signal
}

// Covers reports whether the log has every forced stop between two times.
func (l *DaemonLog) Covers(from, to time.Time) bool {
	return l.Info && !l.From.IsZero() && !l.From.After(from) && !l.To.Before(to)
}

// maxDaemonLine bounds a line of dockerd's log, in bytes. The goroutine stacks that it may write are many short lines.
const maxDaemonLine = 64 << 10

// ReadDaemonLog reads dockerd's log: lines of logrus as text or, with dockerd --log-format json, as JSON. A line may begin with what
// syslog puts in front. Lines in another form are skipped.
func ReadDaemonLog(r io.Reader) (*DaemonLog, error) {
	l := &DaemonLog{}
	err := eachLine(r, maxDaemonLine, func(text []byte, _ int) error {
		l.add(text, time.Time{})
		return nil
	})
	if err != nil {
		return l, fmt.Errorf("reading dockerd's log: %w", err)
	}
	return l, nil
}

// ReadDaemonJournal reads dockerd's log as journalctl -u docker -o json prints it.
//
//	{"__REALTIME_TIMESTAMP":"1796113006589051","_TRANSPORT":"stdout","MESSAGE":"time=\"2026-12-01T08:16:06Z\" level=info msg=…", …}
//
// With the log driver journald, dockerd also writes what containers print, into the same unit: those entries do not come from its
// standard output, and carry the id of the container (moby, daemon/logger/journald).
func ReadDaemonJournal(r io.Reader) (*DaemonLog, error) {
	l := &DaemonLog{}
	err := eachLine(r, maxDaemonLine, func(text []byte, length int) error {
		if length > len(text) || !gjson.ValidBytes(text) {
			return nil
		}
		all := gjson.GetManyBytes(text, "MESSAGE", "_TRANSPORT", "CONTAINER_ID", "__REALTIME_TIMESTAMP")
		if all[0].Type != gjson.String || all[1].Str != "stdout" || all[2].Exists() {
			return nil
		}
		var at time.Time
		if usec, err := strconv.ParseInt(all[3].Str, 10, 64); err == nil {
			at = time.UnixMicro(usec)
		}
		l.add([]byte(all[0].Str), at)
		return nil
	})
	if err != nil {
		return l, fmt.Errorf("reading dockerd's journal: %w", err)
	}
	return l, nil
}

// add adds a line. at is its time if it has none of its own.
func (l *DaemonLog) add(text []byte, at time.Time) {
	line, ok := parseDaemonLine(text)
	if !ok {
		return
	}
	if line.at.IsZero() {
		line.at = at
	}
	l.Lines++
	l.Info = l.Info || line.level == "info"
	if line.at.IsZero() {
		return
	}
	if l.From.IsZero() {
		l.From = line.at
	}
	if line.level == "info" {
		l.To = line.at
	}
	switch {
	case line.message == "Starting up":
		l.Starts = append(l.Starts, line.at)
	case strings.HasPrefix(line.message, "Processing signal '"):
		l.Shutdowns = append(l.Shutdowns, line.at)
	default:
		if forced, ok := line.forced(); ok {
			l.Forced = append(l.Forced, forced)
		}
	}
}

// daemonLine is a line of dockerd's log.
type daemonLine struct {
	at                        time.Time // zero if it has none
	level, message, container string
}

// parseDaemonLine parses a line of logrus, as text or as JSON.
//
//	time="2026-12-01T08:16:06Z" level=info msg="Container failed to exit within 10s of signal 15 - using the force" container=61a1…
func parseDaemonLine(text []byte) (line daemonLine, ok bool) {
	text = bytes.TrimSpace(text)
	if bytes.HasPrefix(text, []byte{'{'}) {
		if !gjson.ValidBytes(text) {
			return line, false
		}
		all := gjson.GetManyBytes(text, "time", "level", "msg", "container")
		line = daemonLine{level: all[1].Str, message: all[2].Str, container: all[3].Str}
		line.setTime(all[0].Str)
		return line, line.level != ""
	}
	rest := string(text)
	if begin := strings.Index(rest, `time="`); begin > 0 {
		rest = rest[begin:]
	}
	for rest != "" {
		key, after, found := strings.Cut(rest, "=")
		if !found {
			break
		}
		var field string
		if field, rest, found = cutField(after); !found {
			return line, false
		}
		switch strings.TrimSpace(key) {
		case "time":
			line.setTime(field)
		case "level":
			line.level = field
		case "msg":
			line.message = field
		case "container":
			line.container = field
		}
	}
	return line, line.level != ""
}

// cutField cuts a value off: a quoted one as strconv.Quote writes it, or one without a blank.
func cutField(text string) (field, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		field, rest, _ = strings.Cut(text, " ")
		return field, rest, true
	}
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", "", false
	}
	if field, err = strconv.Unquote(quoted); err != nil {
		return "", "", false
	}
	return field, strings.TrimPrefix(text[len(quoted):], " "), true
}

func (l *daemonLine) setTime(text string) {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil && at.Year() > 1970 {
		l.at = at
	}
}

// forcedForm matches the message of a stop whose grace ran out. Engines up to 20.10 have the id in the message, later ones in a field
// (moby, daemon/stop.go). A similar message, about a process that docker exec started, names the process after the id.
var forcedForm = value.Pattern(`^Container (?:([0-9a-f]{64}) )?failed to exit within (\S+|\d+ seconds) of signal (\d+) - using the force$`)

// forced returns what the line says about a stop whose grace ran out.
func (l *daemonLine) forced() (f ForcedLine, ok bool) {
	m := forcedForm().FindStringSubmatch(l.message)
	if m == nil {
		return f, false
	}
	f = ForcedLine{ID: l.container, At: l.at, Grace: m[2]}
	if m[1] != "" {
		f.ID = m[1]
	}
	n, err := strconv.Atoi(m[3])
	f.Signal = n
	return f, err == nil && n > 0 && n <= int(value.SIGRTMAX) && fullID().MatchString(f.ID)
}

// fullID matches the full id of a container.
var fullID = value.Pattern(`^[0-9a-f]{64}$`)
