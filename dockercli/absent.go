package dockercli

import (
	"context"
	"fmt"
	"strings"
)

// Docker's command line refuses a call about something that does not exist with the same exit code as any other call, and in words
// that differ between versions and image stores. So haltscope does not read the words: after a refusal it asks for the list of what
// exists.

// absentContainers returns those of the names and ids that no container has, now.
func (c *Client) absentContainers(ctx context.Context, names []string) (map[string]bool, error) {
	lines, err := c.ps(ctx, true, nil)
	if err != nil {
		return nil, fmt.Errorf("listing the containers: %w", err)
	}
	absent := make(map[string]bool, len(names))
	for _, name := range names {
		absent[name] = true
	}
	for _, l := range lines {
		own := strings.Split(l.Name, ",") // a link gives a container another name, such as web/db
		for name := range absent {
			if strings.HasPrefix(l.ID, name) || hasName(own, name) {
				delete(absent, name)
			}
		}
	}
	return absent, nil
}

func hasName(names []string, name string) bool {
	for _, n := range names {
		if n == strings.TrimPrefix(name, "/") {
			return true
		}
	}
	return false
}

// imageAbsent reports whether no image on this host goes by a reference or id.
func (c *Client) imageAbsent(ctx context.Context, ref string) (bool, error) {
	call, err := c.run(ctx, "images", "--all", "--no-trunc", "--digests", "--format", "{{.ID}} {{.Repository}} {{.Tag}} {{.Digest}}")
	if err != nil {
		return false, fmt.Errorf("listing the images: %w", err)
	}
	return !listsImage(string(call.Stdout), ref), nil
}

// listsImage looks for an image in lines of id, repository, tag and digest, where <none> stands for a missing one.
//
//	sha256:fcdd… nginx latest sha256:0a1b…
func listsImage(lines, ref string) bool {
	name, digest, byDigest := strings.Cut(ref, "@")
	name, tag := splitTag(name)
	for line := range strings.Lines(lines) {
		fields := strings.Fields(line)
		if len(fields) != 4 {
			continue
		}
		id, listed := strings.TrimPrefix(fields[0], "sha256:"), familiar(fields[1])
		switch hex := strings.TrimPrefix(ref, "sha256:"); {
		case hex != "" && strings.HasPrefix(id, hex):
			return true
		case listed != familiar(name):
		case byDigest && fields[3] == digest, !byDigest && fields[2] == tag:
			return true
		}
	}
	return false
}

// splitTag splits a reference into its name and its tag, which is latest if it has none. A port is part of the name.
func splitTag(ref string) (name, tag string) {
	if i := strings.LastIndexByte(ref, ':'); i >= 0 && !strings.Contains(ref[i:], "/") {
		return ref[:i], ref[i+1:]
	}
	return ref, "latest"
}

// familiar takes from the name of an image what docker and podman add to a name without a registry. Package distribution/reference does
// the same, but compiles its expressions at every start, which takes as long as half of everything else.
func familiar(name string) string {
	name = strings.TrimPrefix(name, "localhost/")
	for _, hub := range []string{"docker.io/", "index.docker.io/"} {
		name = strings.TrimPrefix(name, hub)
	}
	if official, ok := strings.CutPrefix(name, "library/"); ok && !strings.Contains(official, "/") {
		return official
	}
	return name
}

// networkAbsent reports whether no network has a name or id.
func (c *Client) networkAbsent(ctx context.Context, ref string) (bool, error) {
	call, err := c.run(ctx, "network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}}")
	if err != nil {
		return false, fmt.Errorf("listing the networks: %w", err)
	}
	for line := range strings.Lines(string(call.Stdout)) {
		id, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == ref || ref != "" && strings.HasPrefix(id, ref) {
			return false, nil
		}
	}
	return true, nil
}

// orNotFound returns the error of a refused call as [ErrNotFound] if absent says that what the call was about does not exist. If that
// cannot be known, the error stays as it is.
func orNotFound(err error, absent func() (bool, error)) error {
	if !Refused(err) {
		return err
	}
	if gone, askErr := absent(); askErr != nil || !gone {
		return err
	}
	return fmt.Errorf("%w: %w", ErrNotFound, err)
}
