package report

import (
	"cmp"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// The columns of a line of watch.
const (
	watchNameColumn    = 16
	watchVerdictColumn = 12
	watchTextColumn    = len(time.TimeOnly) + 2 + watchNameColumn + 2 + watchVerdictColumn + 2
	// watchLeastText is how many columns a text must have at least; on a narrower terminal, further lines of it begin below the name.
	watchLeastText = 36
)

// WatchWriter lays out the lines of a watch for people. Each write is one line of JSON.
type WatchWriter struct {
	out     io.Writer
	options func() TableOptions // of the next line, because a terminal may get another width
	zone    *time.Location
	day     string // of the last line
}

// NewWatchWriter returns a writer that lays out lines at the times of a zone. They begin on the day of now.
func NewWatchWriter(out io.Writer, options func() TableOptions, now time.Time) *WatchWriter {
	return &WatchWriter{out: out, options: options, zone: now.Location(), day: now.Format(time.DateOnly)}
}

func (w *WatchWriter) Write(data []byte) (int, error) {
	line, err := document.DecodeWatchLine(data)
	if err != nil {
		return 0, err
	}
	at, err := time.Parse(time.RFC3339Nano, line.Time)
	if err != nil {
		return 0, err
	}
	at = at.In(w.zone)
	var b strings.Builder
	if day := at.Format(time.DateOnly); day != w.day {
		b.WriteString(day + "\n")
		w.day = day
	}
	writeWatchLine(&b, line, at, w.options())
	if _, err := io.WriteString(w.out, b.String()); err != nil {
		return 0, err
	}
	return len(data), nil
}

// writeWatchLine writes the time, the container, the verdict and the message.
func writeWatchLine(b *strings.Builder, l *document.WatchLine, at time.Time, o TableOptions) {
	name, message := "", l.Message
	if c := l.Container; c != nil {
		name = value.ShortID(c.ID)
		if c.Name != nil {
			name = *c.Name
		}
		message = strings.TrimPrefix(message, name+": ")
	}
	of, plain := toneOfLine(l), plainTone
	if l.Verdict == "" {
		plain = of
	}
	said := withCommands(message, plain)
	clock := span{text: at.Format(time.TimeOnly) + "  "}
	columns := []span{{text: text.Pad(name, watchNameColumn, ' ') + "  "},
		{string(l.Verdict), of}, {text: strings.Repeat(" ", max(0, watchVerdictColumn-len(l.Verdict))) + "  "}}
	line := block{label: append([]span{clock}, columns...), text: said}
	inColumns := text.StringWidth(name) <= watchNameColumn && len(l.Verdict) <= watchVerdictColumn
	if !inColumns || o.Width > 0 && o.Width-watchTextColumn < max(watchLeastText, widestCommand(said)) {
		line = block{label: []span{clock}, text: said}
		if name != "" {
			line.text = append(columns, said...)
		}
	}
	line.write(b, o)
}

// pasted finds a command in the hint of an error.
var pasted = value.Pattern(`(?:(?:see|try|run): |\()(haltscope [^;]+|docker [^;]+|systemctl [^;]+|ulimit -n)`)

// withCommands returns a text in a tone, and the commands in it.
func withCommands(text string, of tone) (all []span) {
	at := 0
	for _, found := range pasted().FindAllStringSubmatchIndex(text, -1) {
		all = append(append(all, advice(text[at:found[2]])...), span{text[found[2]:found[3]], command})
		at = found[3]
	}
	all = append(all, advice(text[at:])...)
	for i := range all {
		if all[i].tone == plainTone {
			all[i].tone = of
		}
	}
	return all
}

// widestCommand returns the width of the widest command in a text.
func widestCommand(spans []span) (width int) {
	for _, s := range spans {
		if s.tone == command {
			width = max(width, text.StringWidth(s.text))
		}
	}
	return width
}

// toneOfLine returns the tone of a line: that of its verdict, or of its level if it has none.
func toneOfLine(l *document.WatchLine) tone {
	if l.Verdict != "" {
		return toneOf(l.Verdict)
	}
	return map[string]tone{"warn": warn, "error": bad}[cmp.Or(l.Level, "info")]
}
