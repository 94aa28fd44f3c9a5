package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kballard/go-shellquote"

	"haltscope/compare/action"
	"haltscope/compare/check"
	"haltscope/compare/document"
	"haltscope/compare/experiment"
	"haltscope/compare/fault"
	"haltscope/compare/report"
	"haltscope/compare/rules/expectation"
)

// Check stops a twin and checks the result against expectations.
type Check struct {
	SelfTest bool `help:"Check the embedded workload instead of an image; its flags go after --."`

	Like   string `help:"Check a copy of this container: ${copied}; what it can write to is replaced by new volumes." placeholder:"CONTAINER" complete:"container"`
	Init   bool   `help:"Run the twin under docker's init (docker run --init)."`
	Memory string `help:"Memory limit of the twin, with no swap on top (docker run --memory)." placeholder:"SIZE"`
	Grace  string `help:"Grace of the stop in whole seconds (docker stop -t); by default the container's own." placeholder:"5s"`

	serviceFlags

	Within    *time.Duration `help:"It ends within this time." group:"Expectations" placeholder:"5s"`
	ExitCode  []int          `help:"It ends with one of these exit codes, which are then no failure for --graceful." group:"Expectations" placeholder:"0,143"`
	NoSigkill bool           `help:"No SIGKILL ends any process of the container while the first one is running." group:"Expectations"`
	Graceful  bool           `help:"The program, and not a wrapper in front of it, handles the stop signal and ends by itself, with an exit code that is no failure." group:"Expectations"`
	NoLoss    bool           `help:"No acknowledged record is lost. Only for the embedded workload (--self-test)." group:"Expectations"`
	NoOrphans bool           `help:"No other process of the container is left for the kernel to kill." group:"Expectations"`
	Events    []string       `help:"Docker sends these events, in this order; stop may come before die." group:"Expectations" placeholder:"kill,die,stop"`

	ReadyLog     string        `help:"Ready when a line of its log matches REGEX." group:"Readiness" placeholder:"REGEX"`
	ReadyHealthy bool          `help:"Ready when its health check says so." group:"Readiness"`
	ReadyAfter   time.Duration `help:"Ready this long after the other conditions are met, or after the start if none is given." group:"Readiness" default:"2s"`
	ReadyWithin  time.Duration `help:"Give up if it is not ready within this time." group:"Readiness" default:"90s"`
	During       string        `help:"Run a command on this host from readiness until the stop is over, then end everything it started. No shell is used, but quotes work; HALTSCOPE_TWIN and HALTSCOPE_TWIN_PID name the twin." placeholder:"COMMAND"`

	Args []string `arg:"" optional:"" name:"image" help:"Image of the twin, already on this host; a command for it goes after --."`
}

func (*Check) Help() string {
	return `The default expectations are --graceful --no-sigkill --no-orphans, and exit code 0 or 128 + the stop signal. haltscope returns 0
if all are met, 3 if one is not, and another code if the check could not be made.

Examples:
  haltscope check my/app --ready-log 'listening on' --within 5s --exit-code 0
  haltscope check --like web --graceful --no-orphans
  haltscope check --like web --copy-volumes
  haltscope check my/app --format junit --output stop.xml
  haltscope check --self-test --no-loss -- --shutdown 1s`
}

func (c *Check) Run(p *Program) error {
	if err := c.valid(); err != nil {
		return err
	}
	o, err := c.options(p.AfterDash)
	if err != nil {
		return err
	}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := check.Run(p.Context, p.docker(), o, c.expectations(), progress)
		return orNone(doc), err
	})
}

// valid returns an error if the flags do not go together or a value is out of range.
func (c *Check) valid() error {
	if err := c.validSubject(); err != nil {
		return err
	}
	if c.Within != nil && *c.Within < 0 || c.ReadyAfter < 0 || c.ReadyWithin <= 0 {
		return &fault.UsageError{Text: "--within, --ready-after and --ready-within take a duration, such as 5s"}
	}
	for _, code := range c.ExitCode {
		if code < 0 || code > 255 {
			return &fault.UsageError{Text: fmt.Sprintf("--exit-code takes exit codes from 0 to 255, not %d", code)}
		}
	}
	for _, event := range c.Events {
		if !slices.Contains(action.Lifecycle, event) {
			return &fault.UsageError{Text: fmt.Sprintf("--events: unknown event %q", event),
				Next: "a stop has kill,die,stop; all that reports list: " + strings.Join(action.Lifecycle, ", ")}
		}
	}
	return validSize(c.Memory)
}

// validSubject returns an error unless one thing is named to check, and the flags are for such a thing.
func (c *Check) validSubject() error {
	named := len(c.Args)
	if c.Like != "" {
		named++
	}
	switch {
	case named == 0 && !c.SelfTest:
		return &fault.UsageError{Text: "check needs something to check: IMAGE or --like CONTAINER",
			Next: "is a shell variable unset? To check the embedded workload: haltscope check --self-test"}
	case named > 1:
		return &fault.UsageError{Text: "check takes one IMAGE or --like CONTAINER; a command for the twin goes after --"}
	case named > 0 && c.SelfTest:
		return &fault.UsageError{Text: "--self-test checks the embedded workload: leave out IMAGE and --like"}
	case c.NoLoss && !c.SelfTest:
		return &fault.UsageError{Text: "--no-loss is only for the embedded workload, whose records can be read back",
			Next: "haltscope check --self-test --no-loss"}
	case c.SelfTest && (c.ReadyLog != "" || c.ReadyHealthy):
		return &fault.UsageError{
			Text: "--ready-log and --ready-healthy need an image; the embedded workload reports itself when it is ready",
			Next: "name one: haltscope check IMAGE",
		}
	}
	return nil
}

// options returns how to run the twin and when it is ready. The command is what follows --.
func (c *Check) options(command []string) (experiment.Options, error) {
	service, err := c.service(c.SelfTest, c.Like)
	if err != nil {
		return experiment.Options{}, err
	}
	o := experiment.Options{Like: c.Like, Command: command, Service: service, Init: c.Init, Memory: c.Memory, Network: c.Network,
		Baseline: c.ReadyAfter,
		Ready:    experiment.Ready{Healthy: c.ReadyHealthy, Within: c.ReadyWithin}}
	if len(c.Args) == 1 {
		o.Image = c.Args[0]
	}
	// Only blanks, quotes and backslashes mean something here, as there is no shell. mvdan.cc/sh/v3 cannot split like that:
	// shell.Fields also expands variables, and its parser refuses & and ; outside of quotes.
	if o.During, err = shellquote.Split(c.During); err != nil {
		return o, &fault.UsageError{Text: "--during takes a command line: " + err.Error()}
	}
	stop := "stop"
	if c.Grace != "" {
		stop += ":" + c.Grace
	}
	one, err := experiment.ParseAction(stop)
	if err != nil {
		return o, &fault.UsageError{Text: "--grace takes whole seconds, such as 5s"}
	}
	o.Actions = []experiment.Action{one}
	if c.ReadyLog != "" {
		if o.Ready.Log, err = regexp.Compile(c.ReadyLog); err != nil {
			return o, &fault.UsageError{Text: "--ready-log: " + err.Error()}
		}
	}
	return o, nil
}

// expectations returns those of the command line, or the default.
func (c *Check) expectations() expectation.Expectations {
	e := expectation.Expectations{Within: c.Within, ExitCodes: c.ExitCode, NoSIGKILL: c.NoSigkill, Graceful: c.Graceful,
		NoLoss: c.NoLoss, NoOrphans: c.NoOrphans, Events: c.Events}
	if e.None() {
		return expectation.Default()
	}
	return e
}
