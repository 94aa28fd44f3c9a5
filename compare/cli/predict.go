package cli

import (
	"reflect"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/experiment"
	"haltscope/compare/fault"
	"haltscope/compare/predict"
	"haltscope/compare/report"
)

// Predict predicts what actions would do.
type Predict struct {
	Image    string        `help:"Predict from a twin of this image, already on this host." placeholder:"REF" complete:"image"`
	Like     string        `help:"Predict from a copy of this container: ${copied}; what it can write to is replaced by new volumes." placeholder:"CONTAINER" complete:"container"`
	Verify   bool          `help:"Also stop, kill and pause twins, and compare the predictions with what happened."`
	Baseline time.Duration `help:"How long a twin runs before its facts are gathered." default:"2s"`
	Init     bool          `help:"Run the twins under docker's init (docker run --init)."`
	selectFlags
	serviceFlags
	Args []string `arg:"" optional:"" name:"container" help:"Running containers; a command for the twins goes after --."`
}

func (*Predict) Help() string {
	return `Examples:
  haltscope predict web
  haltscope predict -v web
  haltscope predict --format json web db
  haltscope predict --all
  haltscope predict --project shop
  haltscope predict --verify web
  haltscope predict --verify --like web -- /app --other-flags
  haltscope predict --verify --image nginx
  haltscope predict --image my/app -- /app --serve`
}

func (c *Predict) Run(p *Program) error {
	if c.Verify && c.Image == "" && c.Like == "" && len(c.Args) == 1 {
		c.Like, c.Args = c.Args[0], nil // the container itself is never changed
	}
	names, command := c.Args, p.AfterDash
	twins := c.Image != "" || c.Like != ""
	if err := c.valid(twins, command); err != nil {
		return err
	}
	service, err := c.service(false, c.Like)
	if err != nil {
		return err
	}
	which, err := c.selection(names, running)
	if err != nil && !twins {
		return err
	}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		if !twins {
			doc, err := predict.Run(p.Context, p.docker(), which, progress)
			return orNone(doc), err
		}
		doc, err := experiment.Predict(p.Context, p.docker(), experiment.Options{Image: c.Image, Like: c.Like, Command: command,
			Baseline: c.Baseline, Init: c.Init, Network: c.Network, Service: service}, c.Verify, progress)
		return orNone(doc), err
	})
}

// valid returns an error if the flags do not go together or a value is out of range.
func (c *Predict) valid(twins bool, command []string) error {
	switch {
	case c.Image != "" && c.Like != "":
		return &fault.UsageError{Text: "--image and --like exclude each other"}
	case twins && c.selects():
		return &fault.UsageError{Text: "--all, --filter and --project select running containers; --image, --like and --verify need twins of one"}
	case twins && len(c.Args) > 0:
		return &fault.UsageError{Text: "name no containers with --image or --like; a command for the twins goes after --"}
	case !twins && (c.Verify || c.Init):
		return &fault.UsageError{Text: "--verify and --init need twins of one container: add --like CONTAINER or --image REF"}
	case !twins && !reflect.ValueOf(c.serviceFlags).IsZero():
		return &fault.UsageError{Text: "-e, --volume, --network and the like are for twins: add --like CONTAINER or --image REF"}
	case !twins && len(command) > 0:
		return &fault.UsageError{Text: "a command needs twins to run it: add --like CONTAINER or --image REF"}
	case !twins && len(c.Args) == 0 && !c.selects():
		return &fault.UsageError{Text: "name a running container, select some with --all, --filter or --project, or use --like CONTAINER or " +
			"--image REF", Next: "see: haltscope predict --help"}
	case c.Baseline < 0:
		return &fault.UsageError{Text: "--baseline takes a duration, such as 2s"}
	}
	return nil
}
