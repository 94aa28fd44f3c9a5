package cli

import (
	"io"
	"os"
	"time"

	"github.com/rs/zerolog"

	"haltscope/compare/output"
	"haltscope/compare/report"
)

// NewLog returns the log of a command: console lines if stderr is a terminal, JSON otherwise.
func NewLog(g Globals, stderr io.Writer) zerolog.Logger {
	zerolog.TimeFieldFormat = time.RFC3339Nano
	level, err := zerolog.ParseLevel(g.LogLevel)
	if err != nil || g.LogLevel == "" { // the command line could not be parsed
		level = zerolog.InfoLevel
	}
	tty := report.Width(stderr) > 0
	if g.LogFormat == "console" || g.LogFormat != "json" && tty {
		stderr = zerolog.ConsoleWriter{Out: stderr, NoColor: !colored(g.Color, tty),
			PartsExclude: []string{zerolog.TimestampFieldName}}
	}
	return zerolog.New(output.LogWriter(stderr)).Level(level).With().Timestamp().Logger()
}

// colored reports whether --color wants colors: auto does on a terminal, unless NO_COLOR is set (no-color.org).
func colored(color string, tty bool) bool {
	return color == "always" || color != "never" && tty && os.Getenv("NO_COLOR") == ""
}
