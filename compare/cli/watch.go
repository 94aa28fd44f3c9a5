package cli

import (
	"time"

	"haltscope/compare/fault"
	"haltscope/compare/watch"
)

// Watch writes a line for each thing that happens.
type Watch struct {
	Since         string        `help:"Tell of the past, too: since a length of time ago, a time, or seconds since 1970, as far as the daemon remembers." placeholder:"T"`
	Filter        []string      `help:"Watch some containers only: name=REGEX, label=KEY[=VALUE] or image=REF; of one key any, of several all." placeholder:"KEY=VALUE" sep:"none"`
	Redact        bool          `help:"Leave out the names of containers and programs."`
	Interval      time.Duration `help:"How often the freezer is looked at on cgroup v1, which notifies nobody." default:"1s"`
	Reconcile     time.Duration `help:"How often docker ps is held against what is known." default:"1m"`
	MetricsListen string        `help:"Serve Prometheus metrics (/metrics) and a health endpoint (/healthz) here." placeholder:"127.0.0.1:9417"`
	Textfile      string        `help:"Write the metrics to a file for node_exporter's textfile collector, too; its name ends in .prom." placeholder:"FILE" complete:"file"`
}

func (*Watch) Help() string {
	return `Ends on SIGTERM with exit code 0, on SIGINT with 130, and when nobody reads its output any more. Touches nothing.

Examples:
  haltscope watch
  haltscope watch --since 10m --filter name=web
  haltscope watch --filter label=tier=db --redact
  haltscope watch --metrics-listen 127.0.0.1:9417`
}

func (c *Watch) Run(p *Program) error {
	if p.Output != "" {
		return &fault.UsageError{Text: "--output takes a report, and a watch has none: it writes its lines to standard output", Next: "try: haltscope watch > FILE"}
	}
	return watch.Command(p.docker(), watch.Settings{Since: c.Since, Filters: c.Filter, Redact: c.Redact, Interval: c.Interval, Every: c.Reconcile,
		Listen: c.MetricsListen, Textfile: c.Textfile}, p.Stdout, p.Log)
}
