package report

import (
	"fmt"
	"io"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// cleanTable writes what was removed, and what was not.
func cleanTable(w io.Writer, c *document.Clean) error {
	var b strings.Builder
	fmt.Fprintf(&b, "removed: %s, %s, %s\n", value.Count(c.Twins, "twin", "twins"), value.Count(c.Networks, "network", "networks"),
		value.Count(c.Images, "image", "images"))
	fmt.Fprintf(&b, "in use, left alone: %s, %s\n", value.Count(c.TwinsInUse, "twin", "twins"), value.Count(c.ImagesInUse, "image", "images"))
	if len(c.Left) > 0 {
		b.WriteString("left alone:\n")
	}
	for _, l := range c.Left {
		fmt.Fprintf(&b, "  %s %s: %s\n", l.Kind, leftTitle(&l), l.Reason)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// title is a name, and the beginning of an id as docker shows it.
func leftTitle(l *document.Left) string {
	id := strings.TrimPrefix(l.ID, "sha256:")
	id = id[:min(12, len(id))]
	if l.Name == "" {
		return id
	}
	return l.Name + " (" + id + ")"
}
