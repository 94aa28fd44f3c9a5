package dockercli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"haltscope/compare/value"
)

// Image is what haltscope needs of `docker image inspect`.
type Image struct {
	ID       string   `json:"Id"`
	RepoTags []string // its names
	Config   struct {
		StopSignal string
		Labels     Keys
	}
}

// ImageInspect asks about an image that is on this host; nothing is ever pulled. ErrNotFound when it is not.
func (c *Client) ImageInspect(ctx context.Context, ref string) (Image, error) {
	call, err := c.run(ctx, 0, nil, "image", "inspect", "--", ref)
	if err != nil {
		if mentions(err, "no such image", "invalid reference format", "not found", "image not known") {
			err = fmt.Errorf("%w: %w", ErrNotFound, err)
		}
		return Image{}, fmt.Errorf("looking for image %s: %w", value.Clean(ref), err)
	}
	return parseImage(call.Stdout)
}

func parseImage(data []byte) (Image, error) {
	image, err := parseOne[Image](data)
	if err == nil && image.ID == "" {
		err = errors.New("docker image inspect printed an image without Id")
	}
	return image, err
}

// parseOne parses an array of one image.
func parseOne[T any](data []byte) (one T, err error) {
	var found []json.RawMessage
	if err = decode(data, &found); err == nil && len(found) == 1 {
		err = decode(found[0], &one)
	}
	if err != nil || len(found) != 1 {
		return one, errors.Join(errors.New("docker image inspect did not print the JSON of one image"), err)
	}
	return one, nil
}

// Import makes an image, tagged ref, of a tar file system. changes are Dockerfile instructions.
func (c *Client) Import(ctx context.Context, tar io.Reader, ref string, changes ...string) error {
	args := []string{"import"}
	for _, change := range changes {
		args = append(args, "--change", change)
	}
	if _, err := c.run(ctx, 0, tar, append(args, "--", "-", ref)...); err != nil {
		return fmt.Errorf("importing image %s: %w", ref, err)
	}
	return nil
}

// Images lists the ids of the images that carry a label, each once.
func (c *Client) Images(ctx context.Context, label string) ([]string, error) {
	call, err := c.run(ctx, 0, nil, "images", "--quiet", "--no-trunc", "--filter", "label="+label)
	if err != nil {
		return nil, fmt.Errorf("listing the images labelled %s: %w", label, err)
	}
	ids := strings.Fields(string(call.Stdout)) // one with two tags has two lines
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// Steps is how many steps an image was made in: 1 for one that was imported, more for what was built on it or committed
// from a container of it.
func (c *Client) Steps(ctx context.Context, id string) (int, error) {
	call, err := c.run(ctx, 0, nil, "history", "--quiet", "--no-trunc", "--", id)
	if err != nil {
		return 0, fmt.Errorf("asking for the history of image %s: %w", value.Clean(id), err)
	}
	return len(strings.Fields(string(call.Stdout))), nil
}

// Untag takes a name from an image, and removes the image with its last one, unless a container or another image is made
// of it: without --force, docker refuses that.
func (c *Client) Untag(ctx context.Context, name string) error {
	if _, err := c.run(ctx, 0, nil, "rmi", "--", name); err != nil {
		return fmt.Errorf("removing image %s: %w", value.Clean(name), err)
	}
	return nil
}

// ImageNames lists the names of the images, with their tags.
func (c *Client) ImageNames(ctx context.Context) ([]string, error) {
	call, err := c.run(ctx, 0, nil, "images", "--format", "{{.Repository}}:{{.Tag}}")
	if err != nil {
		return nil, fmt.Errorf("listing the images: %w", err)
	}
	return strings.Fields(string(call.Stdout)), nil
}

// ExposedPorts are the TCP ports that an image says its containers listen on, in order.
func (c *Client) ExposedPorts(ctx context.Context, ref string) ([]int, error) {
	call, err := c.run(ctx, 0, nil, "image", "inspect", "--format", "{{json .Config.ExposedPorts}}", "--", ref)
	if err != nil {
		return nil, fmt.Errorf("asking image %s for its ports: %w", value.Clean(ref), err)
	}
	var exposed map[string]struct{} // "80/tcp"
	if err := json.Unmarshal(call.Stdout, &exposed); err != nil {
		return nil, fmt.Errorf("docker image inspect printed what is not the JSON of exposed ports: %w", err)
	}
	var ports []int
	for text := range exposed {
		number, protocol, _ := strings.Cut(text, "/")
		if n, err := strconv.Atoi(number); err == nil && (protocol == "tcp" || protocol == "") {
			ports = append(ports, n)
		}
	}
	slices.Sort(ports)
	return ports, nil
}
