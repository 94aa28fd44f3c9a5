package experiment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"haltscope/compare/value"
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
		return nil, fmt.Errorf("container %s: %w: it was removed meanwhile", value.Clean(name), dockercli.ErrNotFound)
	}
	inherited := false
	if h := setup.Config.Healthcheck; h != nil {
		image, err := docker.ImageStop(ctx, setup.Image)
		inherited = err == nil && image.Config.Healthcheck != nil && slices.Equal(image.Config.Healthcheck.Test, h.Test)
	}
	l := shape(&setup, inherited)
	l.reference = value.Clean(found[0].Config.Image)
	l.name = value.Clean(strings.TrimPrefix(found[0].Name, "/"))
	if l.environment, err = docker.Environment(ctx, id, setup.Image); err != nil {
		return nil, err
	}
	return l, nil
}

// shape turns a container's set-up into flags of docker run: what bears on how it ends. What would let a twin change
// what is the container's, and no twin gets, is skipped and said to be. inherited says that its health check is its image's.
func shape(s *dockercli.Setup, inherited bool) *like {
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
		// docker run takes a profile's file, and inspect shows what was in it.
		if name, content, _ := strings.Cut(o, "="); strings.HasPrefix(strings.TrimSpace(content), "{") {
			skip("its %s profile, which is a file's content", value.Clean(name))
			continue
		}
		flag("--security-opt", o)
	}
	l.health(s.Config.Healthcheck, inherited, flag, skip)
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
	if h.CpusetCpus != "" {
		flag("--cpuset-cpus", h.CpusetCpus)
	}
	if h.ShmSize > 0 && (h.IpcMode == "" || h.IpcMode == "private" || h.IpcMode == "shareable") {
		flag("--shm-size", strconv.FormatInt(h.ShmSize, 10))
	}
	if h.IpcMode == "host" || strings.HasPrefix(h.IpcMode, "container:") {
		skip("--ipc %s", value.Clean(h.IpcMode))
	}
	for _, u := range h.Ulimits {
		flag("--ulimit", fmt.Sprintf("%s=%d:%d", u.Name, u.Soft, u.Hard))
	}
	for _, g := range h.GroupAdd {
		flag("--group-add", g)
	}
	if len(h.Sysctls) > 0 {
		skip("its sysctls")
	}
	if len(h.Devices) > 0 {
		skip("its devices")
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
			skip("the %s at %s", value.Clean(m.Type), value.Clean(m.Destination))
		default:
			flag("--volume", source+":"+m.Destination+":ro")
		}
	}
	return l
}

// health gives the twins the container's health check, which need not be inherited from its image.
func (l *like) health(h *dockercli.Healthcheck, inherited bool, flag func(name, value string), skip func(format string, args ...any)) {
	if h == nil || len(h.Test) == 0 {
		return
	}
	switch kind := h.Test[0]; {
	case kind == "NONE":
		l.flags = append(l.flags, "--no-healthcheck")
		return
	case kind == "CMD-SHELL" && len(h.Test) == 2:
		flag("--health-cmd", h.Test[1])
	case kind == "CMD" && inherited:
	default:
		skip("its health check, for docker run takes a line for a shell alone")
		return
	}
	for _, t := range []struct {
		name  string
		value time.Duration
	}{{"--health-interval", h.Interval}, {"--health-timeout", h.Timeout}, {"--health-start-period", h.StartPeriod}} {
		if t.value > 0 {
			flag(t.name, t.value.String())
		}
	}
	if h.Retries > 0 {
		flag("--health-retries", strconv.Itoa(h.Retries))
	}
}

// refusedShown is how many variables are named that the twins do not get.
const refusedShown = 20

// lacks is what the twins do not have of the container.
func (l *like) lacks() []string {
	all := []string{}
	all = append(all, l.skipped...)
	refused := l.environment.Refused()
	for i, r := range refused {
		if i == refusedShown {
			all = append(all, fmt.Sprintf("%d more environment variables", len(refused)-i))
			break
		}
		all = append(all, fmt.Sprintf("the environment variable %s, which docker's env file cannot carry: %s", r.Name, r.Why))
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
