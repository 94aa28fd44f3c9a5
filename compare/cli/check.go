package cli

import (
	"fmt"
	"regexp"
	"time"

	"github.com/kballard/go-shellquote"

	"haltscope/compare/document"
	"haltscope/compare/experiment"
	"haltscope/compare/fault"
	"haltscope/compare/report"
)

// Check holds a stop against expectations.
type Check struct {
	Like    string `help:"Check a twin of this container: its image, command, environment, user, limits, health check, stop signal, grace and init." placeholder:"CONTAINER" complete:"container"`
	Init    bool   `help:"Run the twin under docker's init (docker run --init)."`
	Memory  string `help:"Memory limit of the twin, without swap on top (docker run --memory)." placeholder:"SIZE"`
	Network string `help:"Network of the twin (docker run --network); none without it." placeholder:"NAME"`
	Grace   string `help:"Grace of the stop, in whole seconds (docker stop -t); the container's own without it." placeholder:"5s"`

	Within    *time.Duration `help:"It has ended within this time." group:"Expectations" placeholder:"5s"`
	ExitCode  []int          `help:"It ends with one of these exit codes." group:"Expectations" placeholder:"0,143"`
	NoSigkill bool           `help:"No SIGKILL ends the program, and the OOM killer ends no other process." group:"Expectations"`
	Graceful  bool           `help:"It handles the stop signal and ends by itself." group:"Expectations"`
	NoLoss    bool           `help:"No acknowledged record is lost: for the embedded workload, which is what is checked without IMAGE." group:"Expectations"`
	NoOrphans bool           `help:"No other process of the container is left to be killed (Linux 6.15 and later)." group:"Expectations"`
	Events    []string       `help:"These are Docker's events, in this order; stop before die counts as die before stop." group:"Expectations" placeholder:"kill,die,stop"`

	ReadyLog     string        `help:"Ready when a line of its log matches." group:"Readiness" placeholder:"REGEX"`
	ReadyHealthy bool          `help:"Ready when its health check says so." group:"Readiness"`
	ReadyAfter   time.Duration `help:"Ready after this time; on top of the others where both are given." group:"Readiness" default:"2s"`
	ReadyWithin  time.Duration `help:"How long it may take to get ready." group:"Readiness" default:"90s"`
	During       string        `help:"Run a command on this host from readiness until the stop is over, and end all that it has started; no shell, quotes as in one; HALTSCOPE_TWIN and HALTSCOPE_TWIN_PID name the twin." placeholder:"COMMAND"`

	Args []string `arg:"" optional:"" name:"image" help:"Image of the twin, on this host already; a command of its own goes behind --."`
}

func (*Check) Help() string {
	return `Without expectations: --graceful --no-sigkill. Exit code 0 where all are met, 3 where one is not, another where the
check could not be made.

Examples:
  haltscope check my/app --ready-log 'listening on' --within 5s --exit-code 0
  haltscope check --like web --graceful --no-orphans
  haltscope check my/app --format junit --output stop.xml
  haltscope check --no-loss -- --shutdown 1s`
}

func (c *Check) Run(p *Program) error {
	o, e, err := c.options(p)
	if err != nil {
		return err
	}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := experiment.Check(p.Context, p.docker(), o, e, progress)
		return orNone(doc), err
	})
}

func (c *Check) options(p *Program) (o experiment.Options, e experiment.Expectations, err error) {
	images, command := c.Args, p.AfterDash
	wrong := func(text string) (experiment.Options, experiment.Expectations, error) {
		return o, e, &fault.UsageError{Text: text}
	}
	if len(images) > 1 || len(images) == 1 && c.Like != "" {
		return wrong("check takes one IMAGE, or --like CONTAINER; a command for the twin goes behind --")
	}
	o = experiment.Options{Like: c.Like, Command: command, Init: c.Init, Memory: c.Memory, Network: c.Network,
		Baseline: c.ReadyAfter}
	if len(images) == 1 {
		o.Image = images[0]
	}
	// Only blanks, quotes and backslashes mean something here, as there is no shell. mvdan.cc/sh/v3 cannot split like that:
	// shell.Fields also expands variables, and its parser refuses & and ; outside of quotes.
	if o.During, err = shellquote.Split(c.During); err != nil {
		return wrong("--during takes a command line: " + err.Error())
	}
	e = experiment.Expectations{Within: c.Within, ExitCodes: c.ExitCode, NoSIGKILL: c.NoSigkill, Graceful: c.Graceful,
		NoLoss: c.NoLoss, NoOrphans: c.NoOrphans, Events: c.Events}
	if e.None() {
		e = experiment.Usual()
	}
	stop := "stop"
	if c.Grace != "" {
		stop += ":" + c.Grace
	}
	action, err := experiment.ParseAction(stop)
	if err != nil {
		return wrong("--grace takes whole seconds, such as 5s")
	}
	o.Actions = []experiment.Action{action}
	embedded := o.Image == "" && o.Like == ""
	switch {
	case e.NoLoss && !embedded:
		return wrong("--no-loss is for the embedded workload, which keeps records that can be read back: check it without IMAGE and --like")
	case embedded && (c.ReadyLog != "" || c.ReadyHealthy):
		return o, e, &fault.UsageError{Text: "the embedded workload says itself when it is ready: --ready-log and --ready-healthy are for an image", Next: "name one: haltscope check IMAGE"}
	case c.Within != nil && *c.Within < 0 || c.ReadyAfter < 0 || c.ReadyWithin <= 0:
		return wrong("--within, --ready-after and --ready-within take a length of time, such as 5s")
	}
	for _, code := range c.ExitCode {
		if code < 0 || code > 255 {
			return wrong(fmt.Sprintf("--exit-code takes exit codes, 0 to 255: no program ends with %d", code))
		}
	}
	if err := fitsMemory(c.Memory); err != nil {
		return o, e, err
	}
	o.Ready = experiment.Ready{Healthy: c.ReadyHealthy, Within: c.ReadyWithin}
	if c.ReadyLog != "" {
		if o.Ready.Log, err = regexp.Compile(c.ReadyLog); err != nil {
			return wrong("--ready-log: " + err.Error())
		}
	}
	return o, e, nil
}
