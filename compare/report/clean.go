package report

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// cleanPage shows what was removed, and what was kept.
func cleanPage(c *document.Clean) *page {
	p := &page{title: "haltscope clean"}
	p.line(0, fmt.Sprintf("removed: %s, %s, %s", value.Count(c.Twins, "twin", "twins"), value.Count(c.Networks, "network", "networks"),
		value.Count(c.Images, "image", "images")))
	p.line(0, fmt.Sprintf("kept, in use: %s, %s", value.Count(c.TwinsInUse, "twin", "twins"), value.Count(c.ImagesInUse, "image", "images")))
	var kept []string
	for _, l := range c.Left {
		kept = append(kept, fmt.Sprintf("%s %s: %s", l.Kind, leftName(&l), l.Reason))
	}
	p.section("Also kept", kept)
	return p
}

// leftName returns the name, and the id as docker shortens it.
func leftName(l *document.Left) string {
	id := strings.TrimPrefix(l.ID, "sha256:")
	id = id[:min(12, len(id))]
	if l.Name == "" {
		return id
	}
	return l.Name + " (" + id + ")"
}
