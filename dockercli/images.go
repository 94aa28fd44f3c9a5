package dockercli

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Images lists the ids of the images that carry a label, each once. Clients from 29.0 on list an image that has lost its name only if
// they are asked for such images (cli, command/image/list.go, isDangling).
func (c *Client) Images(ctx context.Context, label string) (ids []string, err error) {
	for _, more := range [][]string{nil, {"--filter", "dangling=true"}} {
		call, err := c.run(ctx, append([]string{"images", "--quiet", "--no-trunc", "--filter", "label=" + label}, more...)...)
		if err != nil {
			return nil, fmt.Errorf("listing the images with label %s: %w", label, err)
		}
		ids = append(ids, strings.Fields(string(call.Stdout))...) // an image with two tags has two lines
	}
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
