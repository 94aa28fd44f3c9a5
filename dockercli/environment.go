package dockercli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// Environment holds the environment variables of a container, to be handed to another. They may be secrets: nothing
// shows them, and they pass through no argument and no file on a disk.
type Environment struct{ lines []string }

// String tells nothing of them.
func (Environment) String() string { return "(environment, not shown)" }

// GoString likewise.
func (Environment) GoString() string { return "(environment, not shown)" }

// MarshalJSON likewise.
func (Environment) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// Environment reads the environment variables of a container.
func (c *Client) Environment(ctx context.Context, id string) (Environment, error) {
	call, err := c.run(ctx, 0, nil, "inspect", "--type", "container", "--format", "{{json .Config.Env}}", "--", id)
	if err != nil {
		return Environment{}, fmt.Errorf("inspecting the container's environment: %w", err)
	}
	var lines []string
	if err := json.Unmarshal(call.Stdout, &lines); err != nil {
		// The error of the decoder could show a part of them.
		return Environment{}, fmt.Errorf("docker inspect printed what is not the JSON of an environment")
	}
	return Environment{lines}, nil
}

// file is an env file for docker run in memory alone, and how many variables docker's format of it cannot hold: those
// with a newline, one that is no UTF-8, and very long ones. Source: docker/cli, opts/file.go.
func (e Environment) file() (*os.File, int, error) {
	var text bytes.Buffer
	left := 0
	for _, line := range e.lines {
		key, _, ok := strings.Cut(line, "=")
		if !ok || key == "" || strings.HasPrefix(key, "#") || strings.ContainsAny(key, " \t\r\v\f") ||
			strings.ContainsAny(line, "\n\x00") || !utf8.ValidString(line) || len(line) >= 64<<10-1 || strings.HasSuffix(line, "\r") {
			left++
			continue
		}
		text.WriteString(line + "\n")
	}
	fd, err := unix.MemfdCreate("environment", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, 0, fmt.Errorf("making a file in memory for the environment: %w", err)
	}
	f := os.NewFile(uintptr(fd), "environment")
	if _, err := f.Write(text.Bytes()); err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("writing the environment to a file in memory: %w", err)
	}
	if _, err := f.Seek(0, 0); err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, left, nil
}

// RunLike is [Client.Run] with the environment of another container. It returns also how many variables docker's env
// file cannot hold, which the new container has not got.
func (c *Client) RunLike(ctx context.Context, env Environment, flags []string, image string, command ...string) (string, int, error) {
	if len(env.lines) == 0 {
		id, err := c.Run(ctx, flags, image, command...)
		return id, 0, err
	}
	f, left, err := env.file()
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	with := *c
	with.extra = []*os.File{f}
	// The first of the extra files is descriptor 3 of the docker process.
	id, err := with.Run(ctx, append([]string{"--env-file", "/dev/fd/3"}, flags...), image, command...)
	return id, left, err
}
