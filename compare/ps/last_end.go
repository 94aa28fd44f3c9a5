package ps

import (
	"context"
	"slices"

	"haltscope/compare/document"
	"haltscope/compare/why"
	"haltscope/dockercli"
)

// endedStates are Docker's states of containers that do not run.
var endedStates = []string{"created", "restarting", "exited", "dead"}

// addLastEnds adds how the containers ended that do not run. The rules for it are those of Docker's engine.
func addLastEnds(ctx context.Context, docker engine, doc *document.Ps) {
	var ids []string
	for i := range doc.Containers {
		if l := &doc.Containers[i]; slices.Contains(endedStates, l.Docker.State) {
			ids = append(ids, l.ID)
		}
	}
	if len(ids) == 0 || docker.Engine() != dockercli.Docker {
		return
	}
	ends := why.LastEnds(ctx, docker, func() dockercli.Inspections { return docker.InspectMany(ctx, ids...) })
	for i := range doc.Containers {
		if end, ok := ends[doc.Containers[i].ID]; ok {
			doc.Containers[i].LastEnd = end
		}
	}
}
