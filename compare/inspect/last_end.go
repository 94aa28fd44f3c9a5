package inspect

import (
	"context"

	"haltscope/compare/document"
	"haltscope/compare/why"
	"haltscope/dockercli"
)

// addLastEnds adds how the containers that are not running ended. Its rules are those of Docker's engine.
func addLastEnds(ctx context.Context, docker *dockercli.Client, accounts []*account, doc *document.Inspect) {
	known := dockercli.Inspections{Found: map[string]dockercli.Container{}}
	for _, a := range accounts {
		if !a.Container.State.Running || a.Container.State.Status == "restarting" {
			known.Found[a.Container.ID] = a.Container
		}
	}
	if len(known.Found) == 0 || docker.Engine() != dockercli.Docker {
		return
	}
	ends := why.LastEnds(ctx, docker, func() dockercli.Inspections { return known })
	for i := range doc.Containers {
		if end, ok := ends[doc.Containers[i].ID]; ok {
			doc.Containers[i].LastEnd = end
		}
	}
}
