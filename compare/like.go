package compare

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"haltscope/dockercli"
)

// like is how twins are made that are to be like a container.
type like struct {
	name        string
	image       string // the id: a tag may have gone to another image since
	reference   string // the image as the container has it
	entrypoint  []string
	command     []string
	flags       []string // of docker run
	environment dockercli.Environment
	left        int      // variables that the twins have not got
	skipped     []string // what else they have not got, in words
}

// likeOf asks how a container was set up. The container itself is not touched.
func likeOf(ctx context.Context, docker *dockercli.Client, name string) (*like, error) {
	found, err := docker.Find(ctx, name)
	if err != nil {
		return nil, err
	}
	id := found[0].ID
	setups, err := docker.Setups(ctx, id)
	if err != nil {
		return nil, err
	}
	setup, ok := setups[id]
	if !ok {
		return nil, fmt.Errorf("container %s: %w: it was removed meanwhile", dockercli.Clean(name), dockercli.ErrNotFound)
	}
	l := shape(&setup)
	l.reference = dockercli.Clean(found[0].Config.Image)
	l.name = dockercli.Clean(strings.TrimPrefix(found[0].Name, "/"))
	if l.environment, err = docker.Environment(ctx, id); err != nil {
		return nil, err
	}
	return l, nil
}

// shape turns a container's set-up into flags of docker run: what bears on how it ends. What would let a twin change
// what is the container's, and no twin gets, is skipped and said to be.
func shape(s *dockercli.Setup) *like {
	l := &like{image: s.Image, entrypoint: s.Config.Entrypoint}
	flag := func(name, value string) { l.flags = append(l.flags, name, value) }
	skip := func(format string, args ...any) { l.skipped = append(l.skipped, fmt.Sprintf(format, args...)) }
	// An entrypoint that is given drops the image's command.
	l.command = append(slices.Clone(tail(s.Config.Entrypoint)), s.Config.Cmd...)
	flag("--entrypoint", head(s.Config.Entrypoint))
	if s.Config.User != "" {
		flag("--user", s.Config.User)
	}
	if s.Config.WorkingDir != "" {
		flag("--workdir", s.Config.WorkingDir)
	}
	if s.Config.StopSignal != "" {
		flag("--stop-signal", s.Config.StopSignal)
	}
	if s.Config.StopTimeout != nil {
		flag("--stop-timeout", strconv.Itoa(*s.Config.StopTimeout))
	}
	if s.Config.Tty {
		l.flags = append(l.flags, "--tty")
	}
	if s.Config.OpenStdin {
		l.flags = append(l.flags, "--interactive")
	}
	h := &s.HostConfig
	if h.Init != nil && *h.Init {
		l.flags = append(l.flags, "--init")
	}
	if h.PidMode != "" {
		flag("--pid", h.PidMode)
	}
	if h.ReadonlyRootfs {
		l.flags = append(l.flags, "--read-only")
	}
	if h.Privileged {
		skip("--privileged")
	}
	for _, c := range h.CapAdd {
		flag("--cap-add", c)
	}
	for _, c := range h.CapDrop {
		flag("--cap-drop", c)
	}
	for _, o := range h.SecurityOpt {
		flag("--security-opt", o)
	}
	if h.Memory > 0 {
		flag("--memory", strconv.FormatInt(h.Memory, 10))
	}
	if h.MemorySwap != 0 {
		flag("--memory-swap", strconv.FormatInt(h.MemorySwap, 10))
	}
	if h.NanoCpus > 0 {
		flag("--cpus", strconv.FormatFloat(float64(h.NanoCpus)/1e9, 'f', -1, 64))
	}
	if h.CpuQuota > 0 {
		flag("--cpu-quota", strconv.FormatInt(h.CpuQuota, 10))
	}
	if h.CpuPeriod > 0 {
		flag("--cpu-period", strconv.FormatInt(h.CpuPeriod, 10))
	}
	if h.PidsLimit != nil && *h.PidsLimit > 0 {
		flag("--pids-limit", strconv.FormatInt(*h.PidsLimit, 10))
	}
	if h.OomKillDisable != nil && *h.OomKillDisable {
		skip("--oom-kill-disable")
	}
	for _, at := range slices.Sorted(maps.Keys(h.Tmpfs)) {
		flag("--tmpfs", strings.TrimSuffix(at+":"+h.Tmpfs[at], ":"))
	}
	for _, m := range s.Mounts {
		source := m.Source
		if m.Type == "volume" {
			source = m.Name
		}
		switch {
		case m.Type == "tmpfs":
		case m.Type == "volume" && len(m.Name) == 64:
			flag("--volume", m.Destination) // an anonymous one of its own
		case m.RW || m.Type != "bind" && m.Type != "volume" || strings.Contains(source, ":"):
			skip("the %s at %s", dockercli.Clean(m.Type), dockercli.Clean(m.Destination))
		default:
			flag("--volume", source+":"+m.Destination+":ro")
		}
	}
	return l
}

// lacks is what the twins do not have of the container.
func (l *like) lacks() []string {
	all := []string{}
	all = append(all, l.skipped...)
	if l.left > 0 {
		all = append(all, fmt.Sprintf("%d environment variables that no env file can hold (a newline, no UTF-8)", l.left))
	}
	return append(all, "its network and ports, and what came into its file system since it was made")
}

func head(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

func tail(all []string) []string {
	if len(all) == 0 {
		return nil
	}
	return all[1:]
}
