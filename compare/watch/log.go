package watch

import (
	"io"
	"time"

	"github.com/rs/zerolog"

	"haltscope/compare/document"
	"haltscope/compare/output"
	"haltscope/compare/value"
)

// Log writes lines as JSON, one write each, so that no line is ever half there.
type Log struct {
	out    zerolog.Logger
	errs   *lastError
	redact bool
}

// lastError keeps the error of a writer, for zerolog passes it over.
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
	return len(p), nil // zerolog would tell of it on standard error
}

// NewLog writes to out. A redacted log leaves out the names of containers and of programs.
func NewLog(out io.Writer, redact bool) *Log {
	errs := &lastError{Writer: out}
	return &Log{out: zerolog.New(output.LogWriter(errs)), errs: errs, redact: redact}
}

// Write writes a line.
func (l *Log) Write(line *Line) error {
	level, _ := zerolog.ParseLevel(string(line.Level))
	e := l.out.WithLevel(level).Str("time", line.At.UTC().Format(time.RFC3339Nano))
	name := value.Clean(line.Name)
	message := line.Message
	if line.ID != "" {
		shown := name
		if l.redact {
			shown = line.ID[:min(12, len(line.ID))]
			if line.RedactedMessage != "" {
				message = line.RedactedMessage
			}
		}
		container := zerolog.Dict().Str("id", line.ID)
		if l.redact {
			container = container.Interface("name", nil)
		} else {
			container = container.Str("name", name)
		}
		e = e.Dict("container", container)
		message = shown + ": " + message
	}
	e = e.Str("action", line.Action)
	if line.Verdict != "" {
		e = e.Str("verdict", string(line.Verdict))
	}
	if line.Missing != "" {
		e = e.Str("missing", line.Missing)
	}
	if line.ExitCode != nil {
		e = e.Int("exit_code", *line.ExitCode)
	}
	if len(line.Signals) > 0 {
		signals := zerolog.Arr()
		for _, s := range line.Signals {
			if s == 0 {
				signals = signals.Interface(nil)
			} else {
				signals = signals.Int(s)
			}
		}
		e = e.Array("signals", signals)
	}
	if line.Duration != nil {
		e = e.Float64("duration_ms", milliseconds(*line.Duration))
	}
	if line.Memory != nil {
		e = e.Uint64("memory_bytes", *line.Memory)
	}
	if line.MemoryAfter != nil {
		e = e.Uint64("memory_after_bytes", *line.MemoryAfter)
	}
	if line.OOMKills != nil {
		e = e.Uint64("oom_kills", *line.OOMKills)
	}
	if line.OOM != nil {
		oom := line.OOM
		if l.redact {
			oom = oom.redacted()
		}
		e = e.Interface("oom", oom)
		if notes := document.Notes(struct {
			OOM *OOM `json:"oom"`
		}{oom}); len(notes) > 0 {
			e = e.Interface("notes", notes)
		}
	}
	if line.EndedAt != nil {
		e = e.Str("ended_at", line.EndedAt.UTC().Format(time.RFC3339Nano))
	}
	if line.From != nil {
		e = e.Str("from", line.From.UTC().Format(time.RFC3339Nano)).Str("to", line.To.UTC().Format(time.RFC3339Nano)).Strs("may_hide", line.MayHide)
	}
	if line.Because != nil {
		observations := line.Because
		if l.redact && line.RedactedBecause != nil {
			observations = line.RedactedBecause
		}
		because := zerolog.Arr()
		for _, o := range observations {
			one := zerolog.Dict().Str("source", o.Source)
			if o.At != nil {
				one = one.Float64("at_ms", milliseconds(*o.At))
			}
			because = because.Dict(one.Str("value", o.Value))
		}
		e = e.Array("because", because)
	}
	e.Msg(message)
	return l.errs.err
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
