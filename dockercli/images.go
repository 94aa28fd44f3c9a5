package dockercli

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Images lists the ids of the images that carry a label, each once.
func (c *Client) Images(ctx context.Context, label string) ([]string, error) {
	call, err := c.run(ctx, "images", "--quiet", "--no-trunc", "--filter", "label="+label)
	if err != nil {
		return nil, fmt.Errorf("listing the images with label %s: %w", label, err)
	}
	ids := strings.Fields(string(call.Stdout)) // an image with two tags has two lines
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// ImageNames lists the names of the images, with their tags.
func (c *Client) ImageNames(ctx context.Context) ([]string, error) {
	call, err := c.run(ctx, "images", "--format", "{{.Repository}}:{{.Tag}}")
	if err != nil {
		return nil, fmt.Errorf("listing the images: %w", err)
	}
	return strings.Fields(string(call.Stdout)), nil
}
