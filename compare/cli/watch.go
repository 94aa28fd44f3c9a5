package cli

import (
	"io"
	"time"

	"haltscope/compare/fault"
	"haltscope/compare/report"
	"haltscope/compare/watch"
)

// Watch writes one line for each thing that happens, for people on a terminal and as JSON elsewhere.
type Watch struct {
	Since    string `help:"Also report the past, as far as the daemon remembers: ${times}." placeholder:"T"`
	Until    string `help:"Report what happened up to this time, and end then: ${times}." placeholder:"T" xor:"end"`
	NoFollow bool   `help:"Report the past (--since) and end." xor:"end"`

	Filter  []string `help:"Watch only these containers: ${filters}." placeholder:"KEY=VALUE" sep:"none"`
	Redact  bool     `help:"Leave out the names of containers, programs and users."`
	NoTrace bool     `help:"Do not follow who sends signals and who asks Docker."`

	Interval  time.Duration `help:"Polling interval of the freezer on cgroup v1, which has no notifications." default:"1s"`
	Reconcile time.Duration `help:"How often to check what is known against docker ps." default:"1m"`

	Journal string `help:"Also keep the lines in files in this folder, the latest 64 MiB of them." placeholder:"DIR" complete:"file"`

	MetricsListen string `help:"Serve Prometheus metrics (/metrics) and a health check (/healthz) here." placeholder:"127.0.0.1:9417"`

	Textfile string `help:"Also write the metrics to a file for node_exporter; its name must end in .prom." placeholder:"FILE" complete:"file"`
}

// Parts of the help: ${times} and ${filters}.
const (
	times   = "a duration ago, a time, or seconds since 1970"
	filters = "name=REGEX, label=KEY[=VALUE] or image=REF. Repeated keys are alternatives; different keys must all match"
)

func (*Watch) Help() string {
	return `Ends on SIGTERM with exit code 0, on SIGINT with 130, and when its output is closed. Changes nothing.

Examples:
  haltscope watch
  haltscope watch --since 10m --filter name=web
  haltscope watch --since 1h --no-follow
  haltscope watch --filter label=tier=db --redact
  haltscope watch --journal ./journal
  haltscope watch --metrics-listen 127.0.0.1:9417`
}

func (c *Watch) Run(p *Program) error {
	if p.Output != "" {
		return &fault.UsageError{Text: "--output is for reports; watch writes lines to standard output", Next: "try: haltscope watch > FILE"}
	}
	settings := watch.Settings{Since: c.Since, Until: c.Until, NoFollow: c.NoFollow, Filters: c.Filter, Redact: c.Redact, NoTrace: c.NoTrace,
		Interval: c.Interval, Every: c.Reconcile, Listen: c.MetricsListen, Textfile: c.Textfile, Journal: c.Journal}
	return watch.Command(p.docker(), settings, p.Stdout, c.lines(p), p.Log)
}

// lines returns what the lines are written to: standard output, or a layout for people if that is a terminal or --format table is given.
func (c *Watch) lines(p *Program) io.Writer {
	if p.Format == "json" || !p.formatGiven && report.Width(p.Stdout) == 0 {
		return p.Stdout
	}
	return report.NewWatchWriter(p.Stdout, p.tableOptions, time.Now())
}
