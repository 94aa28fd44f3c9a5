package cli

import (
	"cmp"
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
	Verify   bool          `help:"Also stop, kill and pause twins, and compare the predictions with what happened; of several containers, some at a time."`
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
  haltscope predict --verify web db
  haltscope predict --verify --like web -- /app --other-flags
  haltscope predict --verify --image nginx
  haltscope predict --image my/app -- /app --serve`
}

func (c *Predict) Run(p *Program) error {
	if c.Verify && c.Image == "" && c.Like == "" && len(c.Args) == 1 && !c.selects() {
		c.Like, c.Args = c.Args[0], nil // the container itself is never changed
	}
	names, command := c.Args, p.AfterDash
	ofOne := c.Image != "" || c.Like != ""
	if err := c.valid(ofOne, command); err != nil {
		return err
	}
	which, err := c.selection(names, running)
	if err != nil && !ofOne {
		return err
	}
	like := c.Like
	if c.Image == "" && c.Verify {
		like = cmp.Or(like, "each container")
	}
	service, err := c.service(false, like)
	if err != nil {
		return err
	}
	twins := experiment.Options{Image: c.Image, Like: c.Like, Command: command, Baseline: c.Baseline, Init: c.Init, Network: c.Network,
		Service: service}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		var doc *document.Predict
		var err error
		switch {
		case ofOne:
			doc, err = experiment.Predict(p.Context, p.docker(), twins, c.Verify, progress)
		case c.Verify:
			doc, err = experiment.PredictSeveral(p.Context, p.docker(), which, twins, progress)
		default:
			doc, err = predict.Run(p.Context, p.docker(), which, progress)
		}
		return orNone(doc), err
	})
}

// valid returns an error if the flags do not go together or a value is out of range.
func (c *Predict) valid(ofOne bool, command []string) error {
	twins := ofOne || c.Verify
	switch {
	case c.Image != "" && c.Like != "":
		return &fault.UsageError{Text: "--image and --like exclude each other"}
	case ofOne && c.selects():
		return &fault.UsageError{Text: "--all, --filter and --project select containers; --image and --like need twins of one"}
	case ofOne && len(c.Args) > 0:
		return &fault.UsageError{Text: "name no containers with --image or --like; a command for the twins goes after --"}
	case !twins && c.Init:
		return &fault.UsageError{Text: "--init is for twins: add --verify, --like CONTAINER or --image REF"}
	case !twins && !reflect.ValueOf(c.serviceFlags).IsZero():
		return &fault.UsageError{Text: "-e, --volume, --network and the like are for twins: add --verify, --like CONTAINER or --image REF"}
	case !ofOne && len(command) > 0:
		return &fault.UsageError{Text: "a command needs twins of one container to run it: add --like CONTAINER or --image REF"}
	case !ofOne && len(c.Args) == 0 && !c.selects():
		return &fault.UsageError{Text: "name a running container, select some with --all, --filter or --project, or use --like CONTAINER or " +
			"--image REF", Next: "see: haltscope predict --help"}
	case c.Baseline < 0:
		return &fault.UsageError{Text: "--baseline takes a duration, such as 2s"}
	}
	return nil
}
