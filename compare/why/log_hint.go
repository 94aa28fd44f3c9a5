package why

import (
	"context"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/rules/past"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

const (
	hintLines  = 100 // so many of the last lines of a container's log are read
	hintLength = 200 // of the line that is shown, in characters
)

// addLogHint adds to the last run of a container, if that failed, a line of its log that may tell more. A log that cannot be read, or
// has none, leaves the hint empty: it is never evidence. The values of the container's variables are hidden.
func addLogHint(ctx context.Context, docker *dockercli.Client, sub *subject, d *document.WhyContainer) {
	if sub.container == nil || sub.container.State.Running || len(d.Runs) == 0 || d.Runs[0].Verdict.Kind == value.Exited ||
		d.Runs[0].Verdict.Kind == value.Graceful {
		return
	}
	lines, err := docker.LastLogLines(ctx, sub.id, hintLines, sub.container.State.FinishedAt.Add(time.Second))
	if err != nil {
		docker.Log.Debug().Err(err).Str("container", sub.name).Msg("cannot read its log")
		return
	}
	hint := past.LogHint(lines)
	if hint == "" {
		return
	}
	environment, err := docker.Environment(ctx, sub.id, sub.container.Image)
	if err != nil {
		docker.Log.Debug().Err(err).Str("container", sub.name).Msg("cannot read its variables, which its log may show")
		return
	}
	if len(environment.Refused()) > 0 {
		return // those values are not known, so that they could not be hidden
	}
	shown := []rune(environment.Hide(hint)) // before it is cut: a part of a value could not be found
	d.Runs[0].LogHint = string(shown[:min(len(shown), hintLength)])
}
