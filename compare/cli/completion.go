package cli

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"haltscope/compare/cli/completion"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Completion prints a completion script.
type Completion struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"One of ${enum}."`
}

func (*Completion) Help() string {
	return `Completes commands, flags and their values, and the names of the containers that each command is for. docker's own
completion uses it as well for docker haltscope. It waits up to 2 s for Docker's names, or as long as
HALTSCOPE_COMPLETION_TIMEOUT says. The shells look for the script in

  bash   /etc/bash_completion.d/haltscope; needs the package bash-completion
  zsh    /usr/local/share/zsh/site-functions/_haltscope
  fish   /etc/fish/completions/haltscope.fish

Examples:
  haltscope completion bash
  haltscope completion zsh --output _haltscope`
}

func (c *Completion) Run(p *Program) error {
	return p.write(func(w io.Writer) error { return completion.Script(p.Grammar, c.Shell, w) })
}

// write writes output that is not a document.
func (p *Program) write(to func(io.Writer) error) error {
	out, err := p.open()
	if err != nil {
		return err
	}
	defer out.Close()
	if err := to(out); err != nil {
		return err
	}
	return out.Commit(p.Context)
}

// completionTime is how long a completion waits for Docker.
func completionTime() time.Duration {
	if limit, err := time.ParseDuration(os.Getenv("HALTSCOPE_COMPLETION_TIMEOUT")); err == nil && limit > 0 {
		return limit
	}
	return 2 * time.Second
}

// completionNames returns a function that finds container and image names for a completion. If docker does not answer, there
// are none.
func completionNames(dockerFlags []string) completion.Names {
	return func(kind string, flag func(string) string) []completion.Candidate {
		docker := dockercli.New(dockercli.Options{Path: flag("docker"), Flags: dockerFlags, Timeout: completionTime(), Log: zerolog.Nop()})
		ctx := context.Background()
		var all []completion.Candidate
		if kind == "image" {
			images, err := docker.ImageNames(ctx)
			if err != nil {
				return nil
			}
			for _, name := range images {
				if !strings.Contains(name, "<none>") {
					all = append(all, completion.Candidate{Name: value.Clean(name)})
				}
			}
			return all
		}
		states := statesOf[kind]
		lines, err := docker.Ps(ctx, kind == "container" || kind == stopped, dockercli.Filter{})
		if err != nil {
			return nil
		}
		for _, l := range lines {
			if states != nil && !slices.Contains(states, l.State) {
				continue
			}
			for name := range strings.SplitSeq(l.Name, ",") {
				if !strings.Contains(name, "/") { // an alias that --link adds
					all = append(all, completion.Candidate{Name: value.Clean(name), About: value.Clean(l.Status)})
				}
			}
		}
		return all
	}
}

// flagValues returns the values of a flag for a completion; nil where the grammar says them.
func flagValues(command, flag string) []string {
	switch flag {
	case "format":
		return formatsOf(command)
	case "actions":
		return []string{"kill", "stop", "pause", "restart", "rm"}
	case "signal":
		return []string{"HUP", "INT", "QUIT", "KILL", "USR1", "USR2", "TERM", "CONT", "STOP", "WINCH"}
	case "expect":
		var kinds []string
		for _, kind := range value.Verdicts {
			kinds = append(kinds, string(kind))
		}
		return kinds
	case "filter":
		if command == "watch" {
			return []string{"name=", "label=", "image="}
		}
		return []string{"name=", "label=", "status=", "id=", "ancestor=", "network=", "volume=", "health=", "exited=", "before=", "since="}
	}
	return nil
}
