package dockercli

import (
	"bytes"
	"cmp"
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

// Environment holds the environment variables of a container, to be handed to another. They may be secrets: nothing
// shows them, and they pass through no argument and no file on a disk.
type Environment struct {
	lines   []string // NAME=VALUE
	refused []Refusal
}

// Refusal is a variable that docker's env file cannot carry. The other container goes without it, or has its image's.
type Refusal struct{ Name, Why string }

// String tells nothing of them.
func (Environment) String() string { return "(environment, not shown)" }

// GoString likewise.
func (Environment) GoString() string { return "(environment, not shown)" }

// MarshalJSON likewise.
func (Environment) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// Environment reads the environment variables of a container.
func (c *Client) Environment(ctx context.Context, id, image string) (Environment, error) {
	lines, err := c.variables(ctx, "inspect", "--type", "container", "--format", "{{json .Config.Env}}", "--", id)
	if err != nil {
		return Environment{}, fmt.Errorf("inspecting the container's environment: %w", err)
	}
	env := carried(lines)
	if len(env.refused) == 0 {
		return env, nil
	}
	byImage, err := c.variables(ctx, "image", "inspect", "--format", "{{json .Config.Env}}", "--", image)
	if err != nil {
		return Environment{}, fmt.Errorf("inspecting the image's environment: %w", err)
	}
	// What the image sets needs no carrying.
	return carried(slices.DeleteFunc(lines, func(line string) bool { return slices.Contains(byImage, line) })), nil
}

func (c *Client) variables(ctx context.Context, args ...string) (lines []string, err error) {
	call, err := c.run(ctx, 0, nil, args...)
	if err != nil {
		return nil, err
	}
	if json.Unmarshal(call.Stdout, &lines) != nil {
		// The error of the decoder could show a part of them.
		return nil, errors.New("docker inspect printed what is not the JSON of an environment")
	}
	return lines, nil
}

// carried parts the variables that docker's env file can carry from those that it cannot.
func carried(lines []string) (env Environment) {
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

// refusal says why an env file cannot carry a variable to docker as it is; "" where it can. docker would refuse some of these
// with words that quote the line, and rename or drop others without a word. Source: docker/cli, opts/file.go and
// pkg/kvfile.
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

// Refused are the variables that the other container is not handed.
func (e Environment) Refused() []Refusal { return e.refused }

// file is an env file for docker run, in memory alone.
func (e Environment) file() (*os.File, error) {
	var text bytes.Buffer
	for _, line := range e.lines {
		text.WriteString(line + "\n")
	}
	fd, err := unix.MemfdCreate("environment", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("making a file in memory for the environment: %w", err)
	}
	f := os.NewFile(uintptr(fd), "environment")
	if _, err := f.Write(text.Bytes()); err != nil {
		f.Close()
		return nil, fmt.Errorf("writing the environment to a file in memory: %w", err)
	}
	if _, err := f.Seek(0, 0); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// RunLike is [Client.Run] with the environment of another container.
func (c *Client) RunLike(ctx context.Context, env Environment, flags []string, image string, command ...string) (string, error) {
	if len(env.lines) == 0 {
		return c.Run(ctx, flags, image, command...)
	}
	f, err := env.file()
	if err != nil {
		return "", err
	}
	defer f.Close()
	with := *c
	with.extra = []*os.File{f}
	with.redact = env.redact
	// The first of the extra files is descriptor 3 of the docker process.
	return with.Run(ctx, append([]string{"--env-file", "/dev/fd/3"}, flags...), image, command...)
}

// redact makes docker's words harmless where they quote a variable: $NAME stands for its value. Words about the
// environment itself, which may quote it in part or in another form, are not repeated at all.
func (e Environment) redact(stderr string) string {
	lower := strings.ToLower(stderr)
	for _, about := range []string{"env file", "env-file", "environment", "variable", "utf8", "utf-8"} {
		if strings.Contains(lower, about) {
			return "docker refused the environment variables, in words that may quote one of them and are not repeated here" + e.named(stderr)
		}
	}
	type secret struct{ text, name string }
	var all []secret
	for _, line := range e.lines {
		name, value, _ := strings.Cut(line, "=")
		if len(value) >= leastSecret {
			all = append(all, secret{value, name})
		}
		if value != "" {
			stderr = strings.ReplaceAll(stderr, line, name+"=$"+name)
		}
	}
	slices.SortFunc(all, func(a, b secret) int { return cmp.Compare(len(b.text), len(a.text)) })
	for _, s := range all {
		for _, form := range forms(s.text) {
			stderr = strings.ReplaceAll(stderr, form, "$"+s.name)
		}
	}
	return stderr
}

// leastSecret is the length from which on a value is looked for in docker's words, in bytes: a shorter one, such as 1 or
// yes, is in them by chance.
const leastSecret = 4

// forms are the ways in which docker may write a value: as it is, or quoted as Go or JSON do it.
func forms(value string) []string {
	inner := func(quoted string) string { return quoted[1 : len(quoted)-1] }
	all := []string{value, inner(strconv.Quote(value))}
	if quoted, err := json.Marshal(value); err == nil {
		all = append(all, inner(string(quoted)))
	}
	return slices.Compact(all)
}

// named are the names of the variables that docker's words have in them.
func (e Environment) named(stderr string) string {
	var names []string
	for _, line := range e.lines {
		name, _, _ := strings.Cut(line, "=")
		if strings.Contains(stderr, name+"=") || strings.Contains(stderr, strconv.Quote(name)) || strings.Contains(stderr, "'"+name+"'") {
			names = append(names, value.Clean(name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; they name " + value.Truncate(strings.Join(names, ", "), 300)
}
