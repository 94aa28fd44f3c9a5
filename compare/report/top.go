package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// topNodes returns the beginning of a page: its title, what it is about, and where and when it was made.
func topNodes(doc document.Document, title string, about ...string) []node {
	all := []node{textNode("h1", title)}
	for _, text := range append(about, originLine(doc.From())) {
		if text != "" {
			all = append(all, classed(textNode("p", text), "lead"))
		}
	}
	return all
}

// raised returns the nodes with headings of parts in place of those of containers, unless there are containers.
func raised(all []node) []node {
	if slices.ContainsFunc(all, func(n node) bool { return n.Kind == "h2" }) {
		return all
	}
	for i := range all {
		if all[i].Kind == "h3" {
			all[i].Kind = "h2"
		}
	}
	return all
}

// originLine says where and when a report was made; "" for a report that does not have that.
func originLine(o *document.Origin) string {
	var all []string
	for _, part := range []struct{ before, text string }{{"host ", o.Hostname}, {"haltscope ", o.HaltscopeVersion}, {"", o.ReportedAt}} {
		if part.text != "" {
			all = append(all, part.before+part.text)
		}
	}
	return strings.Join(all, " · ")
}

// titleOf returns the title of a page: the command, and what it is about.
func titleOf(doc document.Document) string {
	var names []string
	command := ""
	switch d := doc.(type) {
	case *document.Action:
		command, names = d.Action, namesOf(d.Containers, func(c *document.ContainerAction) string { return c.Name })
	case *document.Check:
		command, names = "check", []string{checkedName(d)}
	case *document.Inspect:
		command, names = "inspect", namesOf(d.Containers, func(c *document.Inspected) string { return c.Name })
	case *document.Predict:
		command, names = "predict", namesOf(d.Containers, func(c *document.Predicted) string { return c.Name })
	case *document.Why:
		if command = "why"; d.Since == "" {
			names = namesOf(d.Containers, func(c *document.WhyContainer) string { return cmp.Or(c.Name, value.ShortID(c.ID)) })
		}
	case *document.Reclaim:
		command, names = "reclaim", namesOf(d.Containers, func(c *document.Reclaimed) string { return c.Name })
	}
	const most = 3
	if more := len(names) - most; more > 0 {
		names = append(names[:most], fmt.Sprintf("%d more", more))
	}
	return strings.TrimSuffix("haltscope "+command+": "+strings.Join(names, ", "), ": ")
}

// namesOf returns the names of containers.
func namesOf[T any](all []T, name func(*T) string) (names []string) {
	for i := range all {
		names = append(names, name(&all[i]))
	}
	return names
}
