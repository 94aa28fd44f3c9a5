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

// ImageAnswer is what docker said about an image, or why it said nothing.
type ImageAnswer struct {
	Image Image
	Err   error
}

// ImageInspectMany is [Client.ImageInspect] of several images, by what was asked for. It calls docker once for each image only if it
// refuses the call for all of them. If docker does not answer, that goes for all.
func (c *Client) ImageInspectMany(ctx context.Context, refs ...string) map[string]ImageAnswer {
	all := map[string]ImageAnswer{}
	var silence error
	if len(refs) > 1 {
		call, err := c.run(ctx, append([]string{"image", "inspect", "--"}, refs...)...)
		if err == nil {
			if found, err := parseImages(call.Stdout); err == nil && len(found) == len(refs) {
				for i, ref := range refs {
					all[ref] = ImageAnswer{Image: found[i]}
				}
				return all
			}
		} else if !Refused(err) {
			silence = err
		}
	}
	for _, ref := range refs {
		if silence != nil {
			all[ref] = ImageAnswer{Err: silence}
			continue
		}
		image, err := c.ImageInspect(ctx, ref)
		if all[ref] = (ImageAnswer{image, err}); errors.Is(err, ErrTimeout) {
			silence = err
		}
	}
	return all
}

// parseImage parses a JSON array of one image: see [parseImages].
func parseImage(data []byte) (Image, error) {
	found, err := parseImages(data)
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("docker image inspect printed %d images, not one", len(found))
	}
	if err != nil {
		return Image{}, err
	}
	return found[0], nil
}

// parseImages parses a JSON array of images, in the order in which they were asked for.
//
//	[{"Id":"sha256:fcdd…","RepoTags":["nginx:latest"],"Config":{"StopSignal":"SIGQUIT","ExposedPorts":{"80/tcp":{}}, …}, …}]
func parseImages(data []byte) ([]Image, error) {
	var found []json.RawMessage
	if err := decode(data, &found); err != nil {
		return nil, fmt.Errorf("docker image inspect did not print the JSON of images: %w", err)
	}
	all := make([]Image, len(found))
	for i := range found {
		if err := decode(found[i], &all[i]); err != nil {
			return nil, fmt.Errorf("docker image inspect did not print the JSON of images: %w", err)
		}
		if all[i].ID == "" {
			return nil, errors.New("docker image inspect printed an image without Id")
		}
	}
	return all, nil
}
