package dockercli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"haltscope/compare/value"
)

// Image is what haltscope needs of `docker image inspect`. The values of labels may be secrets: only haltscope's own are
// decoded.
type Image struct {
	ID       string   `json:"Id"`
	RepoTags []string // its names
	Config   struct {
		StopSignal   string       // "" for none
		Healthcheck  *Healthcheck // nil for none
		ExposedPorts map[string]struct{}
		Labels       Keys
	}
}

// ExposedTCP returns the TCP ports that the image says its containers listen on, in order.
func (i *Image) ExposedTCP() (ports []int) {
	for text := range i.Config.ExposedPorts { // "80/tcp"
		number, protocol, _ := strings.Cut(text, "/")
		if n, err := strconv.Atoi(number); err == nil && (protocol == "tcp" || protocol == "") {
			ports = append(ports, n)
		}
	}
	slices.Sort(ports)
	return ports
}

// ImageInspect asks about an image on this host, by reference or id. Nothing is ever pulled. The error is [ErrNotFound] if there
// is no such image.
func (c *Client) ImageInspect(ctx context.Context, ref string) (Image, error) {
	call, err := c.run(ctx, "image", "inspect", "--", ref)
	if err != nil {
		err = orNotFound(err, func() (bool, error) { return c.imageAbsent(ctx, ref) })
		return Image{}, fmt.Errorf("inspecting image %s: %w", value.Clean(ref), err)
	}
	return parseImage(call.Stdout)
}

// parseImage parses a JSON array of one image.
//
//	[{"Id":"sha256:fcdd…","RepoTags":["nginx:latest"],"Config":{"StopSignal":"SIGQUIT","ExposedPorts":{"80/tcp":{}}, …}, …}]
func parseImage(data []byte) (Image, error) {
	var found []json.RawMessage
	var image Image
	err := decode(data, &found)
	if err == nil && len(found) == 1 {
		err = decode(found[0], &image)
	}
	switch {
	case err != nil || len(found) != 1:
		return image, errors.Join(errors.New("docker image inspect did not print the JSON of one image"), err)
	case image.ID == "":
		return image, errors.New("docker image inspect printed an image without Id")
	}
	return image, nil
}
