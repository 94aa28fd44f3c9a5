package cli

import (
	"strings"

	"haltscope/compare/fault"
	"haltscope/compare/target"
	"haltscope/dockercli"
)

// filterFlags narrow down which containers a command is about.
type filterFlags struct {
	Filter  []string `short:"f" help:"Only containers that docker ps --filter lists, such as name=web or label=tier=db. May be repeated." placeholder:"KEY=VALUE" sep:"none"`
	Project string   `help:"Only containers of a compose project." placeholder:"NAME"`
}

// composeProject is the label of the containers of a compose project.
const composeProject = "com.docker.compose.project"

// filter returns the filter for docker ps.
func (f *filterFlags) filter() dockercli.Filter {
	filter := dockercli.Filter{Other: f.Filter}
	if f.Project != "" {
		filter.Labels = []string{composeProject + "=" + f.Project}
	}
	return filter
}

// by returns the flags that are given, as on a command line; "" for none.
func (f *filterFlags) by() string {
	var all []string
	for _, filter := range f.Filter {
		all = append(all, "--filter "+filter)
	}
	if f.Project != "" {
		all = append(all, "--project "+f.Project)
	}
	return strings.Join(all, " ")
}

// selectFlags select containers without naming them.
type selectFlags struct {
	All bool `help:"All ${all}; twins are left out."`
	filterFlags
}

// containerFlags name containers, or select them.
type containerFlags struct {
	Container []string `arg:"" optional:"" help:"Containers, by name or id; several at the same time."`
	selectFlags
}

// selects reports whether one of the flags is given.
func (f *selectFlags) selects() bool { return f.All || f.by() != "" }

// selection returns the containers that a command is about: those that are named, or those of a kind that the flags select.
func (f *selectFlags) selection(names []string, kind string) (target.Selection, error) {
	s := target.Selection{Names: names, Filter: f.filter(), By: f.by(), States: statesOf[kind]}
	switch {
	case len(names) > 0 && f.selects():
		return s, &fault.UsageError{Text: "name containers, or select them with --all, --filter or --project, not both"}
	case f.All && s.By != "":
		return s, &fault.UsageError{Text: "--all does not go with " + s.By, Next: "leave out --all for a part of the containers"}
	case len(names) == 0 && !f.selects():
		return s, &fault.UsageError{Text: "name a container, or select some with --all, --filter or --project"}
	}
	return s, nil
}

// The kinds of containers that commands are for. The grammar names them in the tag complete.
const (
	running  = "running"
	unpaused = "unpaused"
	paused   = "paused"
	stopped  = "stopped"
)

// statesOf maps a kind of container to its states in docker ps. A kind that is missing here takes any state.
var statesOf = map[string][]string{
	running:  {"running", "paused", "restarting"},
	unpaused: {"running"},
	paused:   {"paused"},
	stopped:  {"created", "exited"},
}
