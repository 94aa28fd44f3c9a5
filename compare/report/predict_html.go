package report

import (
	"fmt"

	"haltscope/compare/document"
)

// predictNodes returns the page as HTML nodes: a line for each of several containers, and of each the answer, the grace over time, and
// what the predictions rest on.
func predictNodes(d *document.Predict) []node {
	all := topNodes(d, titleOf(d), hostLine(d.Host))
	if len(d.Containers)+len(d.Unpredicted) != 1 {
		var overview page
		overview.predictOverview(d)
		all = append(all, overview.nodes()...)
	}
	for i := range d.Containers {
		c := &d.Containers[i]
		var answer, evidence page
		answer.predictedAnswer(c)
		evidence.predictedEvidence(c)
		all = append(all, answer.nodes()...)
		if g := predictedGrace(c); g != nil {
			all = append(all, gracePicture(g, "docker stop "+c.Name, fmt.Sprintf("grace-%d", i)))
		}
		all = append(all, evidence.nodes()...)
	}
	return append(all, noteNodes(d.Notes)...)
}
