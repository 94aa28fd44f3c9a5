package dockercli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"haltscope/compare/value"
)

// Environment holds the environment variables of a container, to be passed to another. They may be secrets: nothing shows
// them, and they go through no argument and no file on a disk.
type Environment struct {
	lines   []string // NAME=VALUE
	refused []Refusal

	added []string // values of docker's --env: NAME=VALUE, or NAME for that of this process
	files []string // values of docker's --env-file
}

// With returns the environment with more variables, as docker's flags --env and --env-file take them. They win over those of the
// other container.
func (e Environment) With(variables, files []string) Environment {
	e.added, e.files = variables, files
	return e
}

func (e Environment) empty() bool { return len(e.lines)+len(e.added)+len(e.files) == 0 }

// flags returns the flags for what was added.
func (e Environment) flags() (flags []string) {
	for _, file := range e.files {
		flags = append(flags, "--env-file", file)
	}
	for _, variable := range e.added {
		flags = append(flags, "--env", variable)
	}
	return flags
}

// hideVariables replaces the values that follow --env among docker's own arguments, for errors and the log.
func hideVariables(args []string) []string {
	shown := args
	for i := 1; i < len(args) && args[i-1] != "--"; i++ {
		name, _, has := strings.Cut(args[i], "=")
		if args[i-1] != "--env" || !has {
			continue
		}
		if &shown[0] == &args[0] {
			shown = slices.Clone(args)
		}
		shown[i] = name + "=…"
	}
	return shown
}

// Refusal is a variable that docker's env file cannot carry. The other container goes without it, or has that of its image.
type Refusal struct{ Name, Why string }

// String does not show the variables.
func (Environment) String() string { return "(environment, not shown)" }

// GoString does not show the variables.
func (Environment) GoString() string { return "(environment, not shown)" }

// MarshalJSON does not show the variables.
func (Environment) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// Environment reads the environment variables of a container that was made from an image. They have a call of their own, so
// that no [Container] holds secrets.
func (c *Client) Environment(ctx context.Context, id, image string) (Environment, error) {
	lines, err := c.variables(ctx, "inspect", "--type", "container", "--format", "{{json .Config.Env}}", "--", id)
	if err != nil {
		return Environment{}, fmt.Errorf("inspecting the container's environment: %w", err)
	}
	env := newEnvironment(lines)
	if len(env.refused) == 0 {
		return env, nil
	}
	byImage, err := c.variables(ctx, "image", "inspect", "--format", "{{json .Config.Env}}", "--", image)
	if err != nil {
		return Environment{}, fmt.Errorf("inspecting the image's environment: %w", err)
	}
	// What the image sets need not be passed.
	return newEnvironment(slices.DeleteFunc(lines, func(line string) bool { return slices.Contains(byImage, line) })), nil
}

func (c *Client) variables(ctx context.Context, args ...string) (lines []string, err error) {
	call, err := c.run(ctx, args...)
	if err != nil {
		return nil, err
	}
	if json.Unmarshal(call.Stdout, &lines) != nil {
		// The decoder's error could show a part of them.
		return nil, errors.New("docker inspect did not print the JSON of an environment")
	}
	return lines, nil
}

// newEnvironment separates the variables that docker's env file can carry from those that it cannot.
func newEnvironment(lines []string) (env Environment) {
	for n, line := range lines {
		why := refusal(line)
		if why == "" {
			env.lines = append(env.lines, line)
			continue
		}
		name, _, _ := strings.Cut(line, "=")
		if name = value.Truncate(value.Clean(name), 100); name == "" {
			name = "number " + strconv.Itoa(n+1)
		}
		env.refused = append(env.refused, Refusal{name, why})
	}
	return env
}

// refusal says why an env file cannot carry a variable to docker unchanged; "" if it can. Docker would refuse some of these with
// an error that quotes the line, and silently rename or drop others (cli, opts/file.go and pkg/kvfile).
func refusal(line string) string {
	name, _, ok := strings.Cut(line, "=")
	first, _ := utf8.DecodeRuneInString(name)
	switch {
	case name == "":
		return "it has no name"
	case !ok:
		return "it has no value"
	case first == '#':
		return "its name begins with #"
	case unicode.IsSpace(first) || first == '\ufeff':
		return "its name begins with a blank"
	case strings.ContainsAny(name, " \t"):
		return "its name has a blank in it"
	case strings.Contains(name, "\n"):
		return "its name has a line feed in it"
	case strings.Contains(line, "\n"):
		return "its value has a line feed in it"
	case strings.HasSuffix(line, "\r"):
		return "its value ends with a carriage return"
	case strings.Contains(line, "\x00") || !utf8.ValidString(line):
		return "it is not UTF-8"
	case len(line) >= 64<<10-1: // bufio.MaxScanTokenSize
		return "it is longer than 64 KiB"
	}
	return ""
}

// Refused returns the variables that are not passed to the other container.
func (e Environment) Refused() []Refusal { return e.refused }

// file returns an env file for docker run that exists only in memory.
func (e Environment) file() (*os.File, error) {
	var text bytes.Buffer
	for _, line := range e.lines {
		text.WriteString(line + "\n")
	}
	fd, err := unix.MemfdCreate("environment", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("creating a memfd for the environment: %w", err)
	}
	f := os.NewFile(uintptr(fd), "environment")
	if _, err := f.Write(text.Bytes()); err != nil {
		f.Close()
		return nil, fmt.Errorf("writing the environment to the memfd: %w", err)
	}
	if _, err := f.Seek(0, 0); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
