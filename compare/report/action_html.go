package report

import (
	"fmt"

	"haltscope/compare/document"
)

// actionNodes returns the page as HTML nodes: of each container the answer, the grace over time, and what it rests on.
func actionNodes(a *document.Action) []node {
	all := topNodes(a, titleOf(a), hostLine(a.Host))
	for i := range a.Containers {
		c := &a.Containers[i]
		var answer, evidence page
		answer.actionAnswer(a, c)
		evidence.actionEvidence(a, c)
		all = append(all, answer.nodes()...)
		if g := actionGrace(a, c); g != nil {
			all = append(all, gracePicture(g, a.Host.Tool()+" "+a.Action+" "+c.Name, fmt.Sprintf("grace-%d", i)))
		}
		all = append(all, evidence.nodes()...)
	}
	return append(all, noteNodes(a.Notes)...)
}
