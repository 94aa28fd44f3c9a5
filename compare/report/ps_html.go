package report

import (
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// psNodes returns the page as HTML nodes: the findings, and then the list.
func psNodes(d *document.Ps) []node {
	var found []node
	for i := range d.Containers {
		l := &d.Containers[i]
		if len(l.Drift) == 0 {
			continue
		}
		title := textNode("h3", l.Name)
		for _, kind := range l.Drift {
			title.Spans = append(title.Spans, htmlSpan{Text: " "}, htmlSpan{string(kind), badge(span{string(kind), warn})})
		}
		found = append(found, title, codeNode("haltscope inspect "+value.Quote(l.Name)))
	}
	all := topNodes(d, "haltscope ps")
	if len(found) > 0 {
		all = append(append(all, textNode("h2", "Findings")), found...)
		all = append(all, textNode("h2", "Containers"))
	}
	return append(all, psPage(d).nodes()...)
}
