// Package plugin makes haltscope a plugin of the docker CLI: installed as docker-haltscope, it is `docker haltscope`.
package plugin

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"
)

// Executable is what docker finds it by, in a folder of plugins.
const Executable = "docker-haltscope"

// verb is what docker calls it: docker haltscope.
const verb = "haltscope"

// metadataVerb is the question each docker command may ask of every plugin: the answer must be quick, and ask nobody.
const metadataVerb = "docker-cli-plugin-metadata"

// Call is how haltscope was called.
type Call struct {
	Plugin   bool     // by docker
	Metadata bool     // docker asks what this is
	Flags    []string // docker's own, given before its command: they are for each docker call
	Args     []string // haltscope's
}

// Parse tells a call of docker's from one of the user's. docker hands on the whole command line, its own flags first
// (docker/cli, cli-plugins/manager). One of the user's that is not docker's (docker-haltscope ps) is as good.
func Parse(argv []string) Call {
	if len(argv) == 0 || filepath.Base(argv[0]) != Executable {
		return Call{Args: argv[min(1, len(argv)):]}
	}
	args := argv[1:]
	if len(args) > 0 && args[0] == metadataVerb {
		return Call{Plugin: true, Metadata: true}
	}
	n := globals(args)
	flags, rest := args[:n], args[n:]
	before := []string{}
	// docker help haltscope, and what a shell asks by way of docker's own completion.
	if len(rest) > 0 && (rest[0] == "help" || strings.HasPrefix(rest[0], "__complete")) {
		before, rest = rest[:1], rest[1:]
	}
	if len(rest) == 0 || rest[0] != verb {
		return Call{Args: args}
	}
	rest = rest[1:]
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

// valued are docker's flags that take a value. Source: docker/cli, cli/flags/options.go.
var valued = map[string]bool{"config": true, "context": true, "host": true, "log-level": true, "tlscacert": true, "tlscert": true, "tlskey": true}

// globals counts the arguments that are docker's own flags and their values.
func globals(args []string) int {
	i := 0
	for ; i < len(args) && len(args[i]) > 1 && args[i][0] == '-' && args[i] != "--"; i++ {
		name, long := strings.CutPrefix(args[i], "--")
		if long && valued[name] || !long && wantsValue(args[i][1:]) {
			i++
		}
	}
	return min(i, len(args))
}

// wantsValue reports whether short flags, written together, take the next argument for a value: -Dc, not -cremote.
func wantsValue(shorts string) bool {
	at := strings.IndexAny(shorts, "cHl")
	return at >= 0 && at == len(shorts)-1
}

// Metadata answers docker's question. Source: docker/cli, cli-plugins/metadata.
func Metadata(w io.Writer, version string) error {
	return json.NewEncoder(w).Encode(map[string]string{
		"SchemaVersion":    "0.1.0",
		"Vendor":           "haltscope",
		"Version":          version,
		"ShortDescription": "What kill, stop and pause really do to a container",
	})
}

// Examples has the examples of the help call haltscope as its user has.
func Examples(app *kong.Application) {
	for _, node := range app.Children {
		node.Detail = strings.ReplaceAll(node.Detail, "\n  "+verb+" ", "\n  docker "+verb+" ")
	}
}

// Docker is the docker binary that has called, as its user named it. While a shell asks, docker has put its plugin there.
func Docker() string {
	if name := os.Getenv("DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"); name != "" && filepath.Base(name) != Executable {
		return name
	}
	return "docker"
}
