package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// hookCommand is what docker runs after a command that the user's configuration names (plugins.haltscope.hooks), on a terminal, since
// 26.0. What the plugin answers is printed under "What's next". Source: docker/cli, cli-plugins/hooks and cli-plugins/manager/hooks.go.
//
//	docker-haltscope haltscope docker-cli-plugin-hooks {"RootCmd":"run","Flags":{"name":"","rm":"true"},"CommandError":"docker: Error …"}
const hookCommand = "docker-cli-plugin-hooks"

// hook is what docker tells about the command that it has run.
type hook struct {
	RootCmd      string            // as the configuration has it: stop, or container stop
	Flags        map[string]string // that were given; values only of those that are true or false
	CommandError string            // "" if the command succeeded, and of a docker run whose program failed
}

// ErrNoHint means that there is nothing to say about a command. docker then prints nothing; for an empty answer, 26.0 prints an empty list.
var ErrNoHint = errors.New("nothing to say about this command")

// Hook answers docker after a command that may have ended a container: how to find out why it ended. docker fills in the first argument
// of the command and the value of a flag; it tells neither itself.
func Hook(w io.Writer, data string) error {
	var h hook
	if err := json.Unmarshal([]byte(data), &h); err != nil {
		return fmt.Errorf("docker's call of a hook: %w", err)
	}
	what := h.about()
	if what == "" {
		return ErrNoHint
	}
	const nextSteps = 0 // the only type of answer
	return json.NewEncoder(w).Encode(struct {
		Type     int
		Template string
	}{nextSteps, "How it ended: docker haltscope why " + what})
}

// about returns the arguments of haltscope why, as a template of docker's; "" if no container is known to have ended.
func (h *hook) about() string {
	_, named := h.Flags["name"]
	_, signal := h.Flags["signal"]
	failed := h.CommandError != ""
	switch strings.TrimPrefix(h.RootCmd, "container ") {
	case "stop":
		if !failed {
			return "{{arg . 0}}"
		}
	case "kill":
		if !failed && !signal { // another signal than SIGKILL may end nothing
			return "{{arg . 0}}"
		}
	case "run":
		switch {
		case failed && named:
			return `{{flag . "name"}}`
		case failed:
			return "--since 1m"
		}
	}
	return ""
}
