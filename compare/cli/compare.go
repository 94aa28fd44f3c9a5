package cli

import (
	"fmt"
	"slices"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/experiment"
	"haltscope/compare/fault"
	"haltscope/compare/report"
	"haltscope/compare/value"
)

// Compare measures what actions do to twins.
type Compare struct {
	Image    string              `help:"Image of the twins, already on this host; by default the embedded workload." placeholder:"REF" complete:"image"`
	Like     string              `help:"Make the twins like this container: ${copied}, but not its network and ports; what it can write to is replaced by new volumes." placeholder:"CONTAINER" complete:"container"`
	Actions  []experiment.Action `help:"Actions, each on a twin of its own: kill[:SIGNAL], stop[:GRACE], pause, restart[:GRACE], rm." default:"kill,stop,pause"`
	Repeat   int                 `help:"Repeat with new twins, rotating the order of the actions, and report medians, spread, outliers and runs with another verdict." default:"1" placeholder:"N"`
	Hold     time.Duration       `help:"How long to watch a paused twin." default:"3s"`
	Baseline time.Duration       `help:"How long to watch the twins before the action." default:"2s"`
	Init     bool                `help:"Run the twins under docker's init (docker run --init)."`
	Memory   string              `help:"Memory limit of each twin, with no swap on top (docker run --memory)." placeholder:"SIZE"`
	Probe    bool                `help:"Try docker exec, top, logs, stats, cp, attach, update and a request to a published port (127.0.0.1) before and after the action. The twins get a network of their own for this."`
	Prove    bool                `help:"Test the explanation of why a paused container keeps its memory: reclaim from a frozen twin, measure the cost of touching the memory again, and what docker stop returns."`
	serviceFlags
	Command []string `arg:"" optional:"" empty:"" help:"Command for the twins, or flags of the embedded workload (see haltscope workload --help)."`
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
		return &fault.UsageError{Text: "--hold and --baseline take a duration, such as 3s"}
	}
	if c.Repeat < 1 {
		return &fault.UsageError{Text: "--repeat takes a number of 1 or more, such as 10"}
	}
	if err := validSize(c.Memory); err != nil {
		return err
	}
	if c.Image != "" && c.Like != "" {
		return &fault.UsageError{Text: "--image and --like exclude each other"}
	}
	if c.Prove && !slices.ContainsFunc(c.Actions, func(a experiment.Action) bool { return a.Verb == value.Pause }) {
		return &fault.UsageError{
			Text: "--prove tests a paused container: add pause to --actions, and stop to measure what docker stop returns to the host",
		}
	}
	if c.Probe && c.Network != "" {
		return &fault.UsageError{Text: "--probe gives the twins a network of their own: leave out --network"}
	}
	service, err := c.service(c.Image == "" && c.Like == "", c.Like)
	if err != nil {
		return err
	}
	o := experiment.Options{Image: c.Image, Like: c.Like, Command: c.Command, Actions: c.Actions, Hold: c.Hold, Baseline: c.Baseline,
		Init: c.Init, Memory: c.Memory, Repeat: c.Repeat, Probe: c.Probe, Prove: c.Prove, Network: c.Network, Service: service,
		Invocation: p.invocation()}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := experiment.Run(p.Context, p.docker(), o, progress)
		return orNone(doc), err
	})
}

// validSize returns an error if the value of --memory is not a size.
func validSize(size string) error {
	if size == "" {
		return nil
	}
	var n value.Size
	if err := n.UnmarshalText([]byte(size)); err != nil || n < 0 {
		return &fault.UsageError{Text: fmt.Sprintf("--memory takes a size, such as 512MiB, not %q", size)}
	}
	return nil
}
