// Package plugin makes haltscope a plugin of the docker CLI: installed as docker-haltscope, it runs as "docker haltscope".
package plugin

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"
)

// Executable is the file name by which docker finds the plugin.
const Executable = "docker-haltscope"

// command is the name of the plugin as a command of docker.
const command = "haltscope"

// metadataCommand is what docker runs to ask every plugin for its metadata. The answer must be quick and needs no daemon.
const metadataCommand = "docker-cli-plugin-metadata"

// Call describes how haltscope was called.
type Call struct {
	Plugin   bool     // by docker
	Metadata bool     // docker asks for the metadata
	Hook     string   // what docker tells of a command that it has run; "" if that is not why it calls
	Flags    []string // docker's own flags, for each docker call
	Args     []string // haltscope's arguments
}

// Parse determines whether docker or the user called haltscope. Docker passes on the whole command line, starting with its own
// flags (docker/cli, cli-plugins/manager). A user may also call the executable without docker: docker-haltscope ps.
func Parse(argv []string) Call {
	if len(argv) == 0 || filepath.Base(argv[0]) != Executable {
		return Call{Args: argv[min(1, len(argv)):]}
	}
	args := argv[1:]
	if len(args) > 0 && args[0] == metadataCommand {
		return Call{Plugin: true, Metadata: true}
	}
	n := countFlags(args)
	flags, rest := args[:n], args[n:]
	before := []string{}
	// docker help haltscope, and completions through docker.
	if len(rest) > 0 && (rest[0] == "help" || strings.HasPrefix(rest[0], "__complete")) {
		before, rest = rest[:1], rest[1:]
	}
	if len(rest) == 0 || rest[0] != command {
		return Call{Args: args}
	}
	rest = rest[1:]
	if len(rest) == 2 && rest[0] == hookCommand {
		return Call{Plugin: true, Hook: rest[1]}
	}
	c := Call{Plugin: true}
	for _, flag := range flags {
		if flag == "--help" || flag == "-h" {
			before = []string{"help"}
		} else {
			c.Flags = append(c.Flags, flag)
		}
	}
	switch {
	case len(before) > 0 && before[0] == "help":
		c.Args = append(append(c.Args, rest...), "--help")
	default:
		c.Args = append(append(c.Args, before...), rest...)
	}
	return c
}

// valueFlags are docker's flags that take a value. Source: docker/cli, cli/flags/options.go.
var valueFlags = map[string]bool{"config": true, "context": true, "host": true, "log-level": true, "tlscacert": true, "tlscert": true,
	"tlskey": true}

// countFlags returns the number of leading arguments that are docker's own flags and their values.
func countFlags(args []string) int {
	i := 0
	for ; i < len(args) && len(args[i]) > 1 && args[i][0] == '-' && args[i] != "--"; i++ {
		name, long := strings.CutPrefix(args[i], "--")
		if long && valueFlags[name] || !long && takeNext(args[i][1:]) {
			i++
		}
	}
	return min(i, len(args))
}

// takeNext reports whether the last of some short flags takes the next argument as its value: in -Dc it does, in -cremote not.
func takeNext(shorts string) bool {
	at := strings.IndexAny(shorts, "cHl")
	return at >= 0 && at == len(shorts)-1
}

// Metadata writes the metadata of the plugin. Source: docker/cli, cli-plugins/metadata.
func Metadata(w io.Writer, version string) error {
	return json.NewEncoder(w).Encode(map[string]string{
		"SchemaVersion":    "0.1.0",
		"Vendor":           "haltscope",
		"Version":          version,
		"ShortDescription": "What kill, stop and pause really do to a container",
	})
}

// Examples rewrites the examples in the help to start with "docker haltscope".
func Examples(app *kong.Application) {
	for _, node := range app.Children {
		node.Detail = strings.ReplaceAll(node.Detail, "\n  "+command+" ", "\n  docker "+command+" ")
	}
}

// Docker returns the docker binary that called the plugin, as the user named it. During completion the variable names the
// plugin itself.
func Docker() string {
	if name := os.Getenv("DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"); name != "" && filepath.Base(name) != Executable {
		return name
	}
	return "docker"
}
