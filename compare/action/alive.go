package action

import (
	"cmp"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// alive returns what shows that the run before the action has not ended, whatever Docker says; nil if nothing shows that.
func (a *Action) alive() *verdict.Observation {
	switch {
	case a.Group == nil:
		return nil
	case !a.Ends() && (a.After == nil || a.After.State.Running):
		return nil // a pause or an unpause is no reason to end
	case a.EffectAt == nil && a.Process != nil && !a.Process.Ended():
		return &verdict.Observation{Source: "pidfd", Value: fmt.Sprintf("process %d has not ended", a.Process.PID)}
	case a.Now != a.Group || len(a.Left) == 0:
		return nil // another run's cgroup, or one without processes
	case a.EffectAt == nil && !a.NoHandle && a.Before.State.Running:
		return nil // its first process had just ended
	}
	return &verdict.Observation{Source: "cgroup.procs", Value: fmt.Sprintf("its cgroup still has %s: %s",
		value.Count(len(a.Left), "process", "processes"), strings.Trim(fmt.Sprint(a.Left), "[]"))}
}

// frozenBelow returns that cgroups below the container's are frozen after the action; nil for none.
func (a *Action) frozenBelow() *verdict.Observation {
	if len(a.Below) == 0 {
		return nil
	}
	texts := []string{}
	for _, b := range a.Below {
		texts = append(texts, fmt.Sprintf("%s (%s)", value.Quote(b.Path), strings.Trim(fmt.Sprint(b.Members), "[]")))
	}
	source := "cgroup.events: frozen"
	if a.Now.Version == 1 {
		source = "freezer.state"
	}
	return &verdict.Observation{Source: source, Value: "a cgroup below its own is frozen, with its processes: " + strings.Join(texts, ", ")}
}

// wayOut returns the commands that end what keeps the container from acting: a frozen cgroup below, or a freeze that is not Docker's.
func (a *Action) wayOut() (commands []string) {
	for _, b := range a.Below {
		commands = append(commands, value.ThawCommand(a.Now.Version, b.Path))
	}
	if f := &a.ReadAfter.Freezer; f.Requested.Is(1) && f.By != "" && a.After != nil && a.After.State.Status == "running" {
		commands = append(commands, value.ThawCommand(a.Now.Version, f.By))
	}
	return commands
}

// readBelow returns the frozen cgroups below the container's cgroup. Where they cannot be read, it returns those that were found.
func readBelow(g *cgroupfs.Group, warn func(error)) []cgroupfs.FrozenBelow {
	if g == nil {
		return nil
	}
	below, err := g.FrozenBelow()
	if err != nil {
		warn(err)
	}
	return below
}

// restoreAlive is for a container of which Docker says that it has ended, while the kernel shows that it lives.
func (r *record) restoreAlive() document.Undo {
	command := ""
	if f := r.expected.facts; f != nil {
		command = f.HostCommand()
	}
	if command == "" && !r.Before.State.Running && len(r.Left) > 0 { // Docker had lost it before
		signal := cmp.Or(SignalNumber(value.Stop, "", r.Before.Config.StopSignal), unix.SIGTERM)
		command = fmt.Sprintf("kill -%s %s", value.ShortSignalName(signal), strings.Trim(fmt.Sprint(r.Left), "[]"))
	}
	if command == "" {
		return document.Undo{Effect: "nothing to do: its program runs on; " + r.tool() + " start fails until it has ended"}
	}
	return document.Undo{Command: command, Effect: "on the host, ends its program, which runs on; " + r.tool() +
		" start fails until it has ended"}
}
