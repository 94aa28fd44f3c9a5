package report

import (
	"haltscope/compare/document"
)

// conditionStates are the states of a condition in words.
var conditionStates = map[string]span{
	document.OK: {"ok", good}, document.Limits: {"limits", warn}, document.Unfit: {"not met", bad}, document.Unknown: {"unknown", warn},
}

// doctorNodes returns the page as HTML nodes: whether haltscope can run, what is missing and how to fix it, and all conditions.
func doctorNodes(d *document.Doctor) []node {
	all := append(topNodes(d, "haltscope doctor"), classed(textNode("p", fitness(d)), "conclusion"))
	g := &grid{header: []string{"condition", "state", "found"}, wide: []int{2}}
	for i := range d.Conditions {
		c := &d.Conditions[i]
		state := conditionStates[c.State]
		g.row(c.Name, state, c.Found)
		if c.State == document.OK {
			continue
		}
		all = append(all, node{Kind: "h2", Spans: htmlSpans([]span{{text: c.Name + "  "}, state})}, textNode("p", c.Found))
		if c.Means != "" {
			all = append(all, textNode("p", c.Means))
		}
		for _, fix := range c.Fix {
			all = append(all, node{Kind: "answer", Label: []htmlSpan{{Text: "fix:"}}, Spans: htmlSpans([]span{{fix, command}})})
		}
	}
	return append(append(all, textNode("h2", "All conditions"), gridNode(g, "All conditions")), noteNodes(d.Notes)...)
}
