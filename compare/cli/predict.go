package cli

import (
	"time"

	"haltscope/compare/document"
	"haltscope/compare/experiment"
	"haltscope/compare/fault"
	"haltscope/compare/predict"
	"haltscope/compare/report"
)

// Predict says what would happen.
type Predict struct {
	Image    string        `help:"Predict from a twin of this image, on this host already." placeholder:"REF" complete:"image"`
	Like     string        `help:"Predict from a twin of this container: its image, command, environment, user, limits, health check, stop signal, grace and init." placeholder:"CONTAINER" complete:"container"`
	Verify   bool          `help:"Stop, kill and pause twins too, and put what was seen beside what was predicted: with --image or --like."`
	Baseline time.Duration `help:"How long a twin runs before it is looked at." default:"2s"`
	Init     bool          `help:"Run the twins under docker's init (docker run --init)."`
	Args     []string      `arg:"" optional:"" name:"container" help:"Containers that run; for twins, a command of their own goes behind --."`
}

func (*Predict) Help() string {
	return `Examples:
  haltscope predict web
  haltscope predict --format json web db
  haltscope predict --verify web
  haltscope predict --verify --like web -- /app --other-flags
  haltscope predict --verify --image nginx
  haltscope predict --image my/app -- /app --serve`
}

func (c *Predict) Run(p *Program) error {
	names, command := c.Args, p.AfterDash
	twins := c.Image != "" || c.Like != ""
	switch {
	case c.Image != "" && c.Like != "":
		return &fault.UsageError{Text: "--image and --like exclude each other"}
	case twins && len(names) > 0:
		return &fault.UsageError{Text: "containers are not named beside --image or --like; a command for the twins goes behind --"}
	case !twins && c.Verify && len(names) == 1:
		c.Like, twins, names = names[0], true, nil // nothing is ever done to the container itself
	case !twins && (c.Verify || c.Init):
		return &fault.UsageError{Text: "--verify and --init are for twins, of one container at a time: add --like CONTAINER or --image REF"}
	case !twins && len(command) > 0:
		return &fault.UsageError{Text: "a command is for twins: add --like CONTAINER or --image REF"}
	case !twins && len(names) == 0:
		return &fault.UsageError{Text: "name a container that runs, or --like CONTAINER, or --image REF", Next: "see: haltscope predict --help"}
	case c.Baseline < 0:
		return &fault.UsageError{Text: "--baseline takes a length of time, such as 2s"}
	}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		if !twins {
			doc, err := predict.Run(p.Context, p.docker(), names, progress)
			return orNone(doc), err
		}
		doc, err := experiment.Predict(p.Context, p.docker(), experiment.Options{Image: c.Image, Like: c.Like, Command: command,
			Baseline: c.Baseline, Init: c.Init}, c.Verify, progress)
		return orNone(doc), err
	})
}
