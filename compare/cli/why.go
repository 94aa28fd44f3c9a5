package cli

import (
	"time"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/report"
	"haltscope/compare/watch"
	"haltscope/compare/why"
)

// Why explains ends that nobody watched.
type Why struct {
	Container []string `arg:"" optional:"" help:"Containers, by name or id, also those that were removed; by default all but throwaway containers of haltscope."`
	Since     string   `help:"Explain every end since then: a duration ago, a time, or seconds since 1970. Without containers, 24h by default." placeholder:"T"`
	Last      *int     `help:"Explain so many of the last runs of each container; 1 by default." placeholder:"N"`
	DaemonLog string   `help:"The file with dockerd's log. By default what it writes to, systemd's journal, or a file in one of the usual places." placeholder:"FILE" complete:"file"`
	Journal   string   `help:"The folder with a watch's journal. By default that of the systemd unit, /var/lib/haltscope, if there is one." placeholder:"DIR" complete:"file"`
	Redact    bool     `help:"Show no line of a container's log."`
}

func (*Why) Help() string {
	return `Changes nothing, and needs no watch: it reads what is left.

Examples:
  haltscope why web
  haltscope why --last 5 web
  haltscope why --since 24h
  haltscope why --format json web db`
}

func (c *Why) Run(p *Program) error {
	o := why.Options{Names: c.Container, Last: 1, DaemonLog: c.DaemonLog, Journal: c.Journal, Redact: c.Redact}
	if c.Last != nil {
		o.Last = *c.Last
	}
	since := c.Since
	switch {
	case c.Last != nil && c.Since != "":
		return &fault.UsageError{Text: "--last and --since exclude each other"}
	case c.Last != nil && *c.Last < 1:
		return &fault.UsageError{Text: "--last takes a number of runs, at least 1"}
	case len(c.Container) == 0 && c.Last != nil:
		return &fault.UsageError{Text: "--last needs a container", Next: "name one, or use --since"}
	case len(c.Container) == 0 && c.Since == "":
		since = "24h"
	}
	now := time.Now()
	var err error
	if o.Since, err = watch.ParseTime("--since", since, now); err != nil {
		return err
	}
	if o.Since.After(now) {
		return &fault.UsageError{Text: "--since " + since + " is in the future"}
	}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := why.Run(p.Context, p.docker(), o, progress)
		return orNone(doc), err
	})
}
