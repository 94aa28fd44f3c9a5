package cli

import (
	"fmt"
	"slices"
	"time"

	"github.com/docker/go-units"

	"haltscope/compare/document"
	"haltscope/compare/experiment"
	"haltscope/compare/fault"
	"haltscope/compare/report"
)

// Compare measures what the actions do, on twins.
type Compare struct {
	Image    string              `help:"Image of the twins, on this host already; without it, the embedded workload." placeholder:"REF" complete:"image"`
	Like     string              `help:"Twins of this container: its image, command, environment, user, limits, health check, stop signal, grace and init; not its network, ports and what it may write to." placeholder:"CONTAINER" complete:"container"`
	Actions  []experiment.Action `help:"What is done, each to a twin of its own: kill[:SIGNAL], stop[:GRACE], pause, restart[:GRACE], rm." default:"kill,stop,pause"`
	Repeat   int                 `help:"How often, each time with twins of its own, the order of the actions rotated: medians, spread, outliers, and the runs that came to another verdict." default:"1" placeholder:"N"`
	Hold     time.Duration       `help:"How long a paused twin is watched." default:"3s"`
	Baseline time.Duration       `help:"How long the twins are watched before the action." default:"2s"`
	Init     bool                `help:"Run the twins under docker's init (docker run --init)."`
	Memory   string              `help:"Memory limit of each twin, without swap on top (docker run --memory)." placeholder:"SIZE"`
	Probe    bool                `help:"Try what works on the twins, before the action and after: exec, top, logs, stats, cp, attach, update, and a request to a port published on 127.0.0.1, for which they get a network of their own."`
	Prove    bool                `help:"Put the explanation of the paused container's memory to the test, on the twins, once they are back: reclaim from the frozen one, what its return costs, what docker stop gives back."`
	Command  []string            `arg:"" optional:"" help:"Command for the twins; flags of the embedded workload (see haltscope workload --help)."`
}

func (*Compare) Help() string {
	return `Examples:
  haltscope compare
  haltscope compare --actions stop:1s -- --shutdown 5s
  haltscope compare --image nginx
  haltscope compare --like web --actions stop,restart,rm
  haltscope compare --repeat 5 --actions stop
  haltscope compare --probe
  haltscope compare --prove
  haltscope compare --format json --output run.json`
}

func (c *Compare) Run(p *Program) error {
	if c.Hold < 0 || c.Baseline < 0 {
		return &fault.UsageError{Text: "--hold and --baseline take a length of time, such as 3s"}
	}
	if c.Repeat < 1 {
		return &fault.UsageError{Text: "--repeat takes a number from 1 on, such as 10"}
	}
	if err := fitsMemory(c.Memory); err != nil {
		return err
	}
	if c.Image != "" && c.Like != "" {
		return &fault.UsageError{Text: "--image and --like: the twins are of the one or like the other"}
	}
	if c.Prove && !slices.ContainsFunc(c.Actions, func(a experiment.Action) bool { return a.Verb == "pause" }) {
		return &fault.UsageError{Text: "--prove is about a paused container: it takes pause among the --actions, and stop for what docker stop gives back"}
	}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := experiment.Run(p.Context, p.docker(), experiment.Options{Image: c.Image, Like: c.Like, Command: c.Command, Actions: c.Actions,
			Hold: c.Hold, Baseline: c.Baseline, Init: c.Init, Memory: c.Memory, Repeat: c.Repeat, Probe: c.Probe, Prove: c.Prove, Invocation: p.invocation()}, progress)
		return orNone(doc), err
	})
}

// fitsMemory refuses what is no size, before anything is done.
func fitsMemory(size string) error {
	if size == "" {
		return nil
	}
	if n, err := units.RAMInBytes(size); err != nil || n < 0 {
		return &fault.UsageError{Text: fmt.Sprintf("--memory takes a size, such as 512MiB, and not %q", size)}
	}
	return nil
}
