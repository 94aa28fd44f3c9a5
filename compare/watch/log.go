package watch

import (
	"io"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haltscope/compare/document"
	"haltscope/compare/output"
	"haltscope/compare/value"
)

// Log writes lines as JSON, each in one write, so that no line is written in part.
type Log struct {
	out    zerolog.Logger
	errs   *lastError
	redact bool
}

// lastError keeps the error of a writer, which zerolog drops.
type lastError struct {
	io.Writer
	err error
}

func (w *lastError) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.Writer.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	w.err = err
	return len(p), nil // zerolog would print an error to standard error
}

// NewLog returns a log that writes to out. A redacted log leaves out the names of containers and programs.
func NewLog(out io.Writer, redact bool) *Log {
	errs := &lastError{Writer: out}
	return &Log{out: zerolog.New(output.LogWriter(errs)), errs: errs, redact: redact}
}

// Write writes a line.
func (l *Log) Write(line *Line) error {
	level, err := zerolog.ParseLevel(string(line.Level))
	if err != nil {
		level = zerolog.NoLevel
	}
	e := l.out.WithLevel(level).Str("time", timestamp(line.At))
	message := l.message(line)
	if line.ID != "" {
		message = l.addContainer(e, line) + ": " + message
	}
	e.Str("action", line.Action)
	if line.Verdict != "" {
		e.Str("verdict", string(line.Verdict))
	}
	if line.Missing != "" {
		e.Str("missing", line.Missing)
	}
	if line.ExitCode != nil {
		e.Int("exit_code", *line.ExitCode)
	}
	if len(line.Signals) > 0 {
		e.Array("signals", signalNumbers(line.Signals))
	}
	if line.Count > 0 {
		e.Int("count", line.Count)
	}
	if line.Duration != nil {
		e.Float64("duration_ms", value.Milliseconds(*line.Duration))
	}
	addUint(e, "memory_bytes", line.Memory)
	addUint(e, "memory_after_bytes", line.MemoryAfter)
	addUint(e, "oom_kills", line.OOMKills)
	if notes := slices.Concat(l.addOOM(e, line.OOM), l.addActors(e, line)); len(notes) > 0 {
		e.Interface("notes", notes)
	}
	if line.EndedAt != nil {
		e.Str("ended_at", timestamp(*line.EndedAt))
	}
	if line.From != nil {
		e.Str("from", timestamp(*line.From)).Str("to", timestamp(*line.To)).Strs("may_hide", line.MayHide)
	}
	l.addBecause(e, line)
	e.Msg(message)
	return l.errs.err
}

// addContainer adds the container, and returns what the message calls it.
func (l *Log) addContainer(e *zerolog.Event, line *Line) string {
	container := zerolog.Dict().Str("id", line.ID)
	name := value.Clean(line.Name)
	if l.redact {
		e.Dict("container", container.Interface("name", nil))
		return value.ShortID(line.ID)
	}
	e.Dict("container", container.Str("name", name))
	return name
}

func (l *Log) message(line *Line) string {
	if l.redact && line.RedactedMessage != "" {
		return line.RedactedMessage
	}
	return line.Message
}

// addOOM adds what is known of the OOM killer, and returns why something of it is not.
func (l *Log) addOOM(e *zerolog.Event, oom *document.OOM) []document.Note {
	if oom == nil {
		return nil
	}
	if l.redact {
		oom = redactedOOM(oom)
	}
	e.Interface("oom", oom)
	return document.Notes(&struct {
		OOM *document.OOM `json:"oom"`
	}{oom})
}

// addActors adds who sent the signal that a line is about and who asked Docker, and returns why something of that is not known.
func (l *Log) addActors(e *zerolog.Event, line *Line) []document.Note {
	var written struct {
		SentBy  value.Maybe[document.Actor] `json:"sent_by"`
		AskedBy value.Maybe[document.Actor] `json:"asked_by"`
	}
	if line.SentBy == nil && line.AskedBy == nil {
		return nil
	}
	if line.SentBy != nil {
		written.SentBy = l.shown(*line.SentBy)
		e.Interface("sent_by", written.SentBy)
	}
	if line.AskedBy != nil {
		written.AskedBy = l.shown(*line.AskedBy)
		e.Interface("asked_by", written.AskedBy)
	}
	notes := document.Notes(&written)
	return slices.DeleteFunc(notes, func(n document.Note) bool {
		return n.Field == "sent_by" && line.SentBy == nil || n.Field == "asked_by" && line.AskedBy == nil
	})
}

// shown returns an actor as the log writes it.
func (l *Log) shown(actor value.Maybe[document.Actor]) value.Maybe[document.Actor] {
	if a, ok := actor.Get(); ok && l.redact {
		return value.Known(*a.Redacted())
	}
	return actor
}

func (l *Log) addBecause(e *zerolog.Event, line *Line) {
	observations := line.Because
	if observations == nil {
		return
	}
	if l.redact && line.RedactedBecause != nil {
		observations = line.RedactedBecause
	}
	because := zerolog.Arr()
	for _, o := range observations {
		one := zerolog.Dict().Str("source", o.Source)
		if o.At != nil {
			one = one.Float64("at_ms", value.Milliseconds(*o.At))
		}
		because = because.Dict(one.Str("value", o.Value))
	}
	e.Array("because", because)
}

// signalNumbers are the signals of a line; null for one that is unknown.
func signalNumbers(signals []unix.Signal) *zerolog.Array {
	all := zerolog.Arr()
	for _, s := range signals {
		if s == 0 {
			all.Interface(nil)
		} else {
			all.Int(int(s))
		}
	}
	return all
}

func addUint(e *zerolog.Event, key string, v *uint64) {
	if v != nil {
		e.Uint64(key, *v)
	}
}

func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
