package experiment

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

// flagList collects flags of docker run, and what they leave out.
type flagList struct {
	flags   []string
	skipped []string
}

// add adds a flag with a value.
func (l *flagList) add(name, value string) { l.flags = append(l.flags, name, value) }

// set adds a flag with a value that is not empty.
func (l *flagList) set(name, value string) {
	if value != "" {
		l.add(name, value)
	}
}

// positive adds a flag with a number above 0: docker's defaults are 0 and −1.
func (l *flagList) positive(name string, n int64) {
	if n > 0 {
		l.add(name, strconv.FormatInt(n, 10))
	}
}

// on adds a flag without a value if it is on.
func (l *flagList) on(name string, on bool) {
	if on {
		l.flags = append(l.flags, name)
	}
}

// each adds a flag for each value.
func (l *flagList) each(name string, values []string) {
	for _, v := range values {
		l.add(name, v)
	}
}

// skip notes what is left out, if it is there.
func (l *flagList) skip(there bool, format string, args ...any) {
	if there {
		l.skipped = append(l.skipped, fmt.Sprintf(format, args...))
	}
}

// likeFlags turns a container's set-up into flags of docker run: everything that bears on how the container ends. It skips, and
// lists, or replaces what would let a twin change things that belong to the container. inherited says that the health check is the image's.
func likeFlags(c *dockercli.Container, inherited bool, plan *mountPlan) (flags, skipped []string) {
	var l flagList
	l.process(c)
	l.security(c)
	l.health(c.Config.Healthcheck, inherited)
	l.limits(c)
	l.kernel(c)
	l.mounts(c, plan)
	return l.flags, l.skipped
}

// process sets how the first process is started and stopped.
func (l *flagList) process(c *dockercli.Container) {
	l.add("--entrypoint", head(c.Config.Entrypoint))
	l.set("--user", c.Config.User)
	l.set("--workdir", c.Config.WorkingDir)
	l.set("--stop-signal", c.Config.StopSignal)
	if c.Config.StopTimeout != nil {
		l.add("--stop-timeout", strconv.Itoa(*c.Config.StopTimeout))
	}
	l.on("--tty", c.Config.Tty)
	l.on("--interactive", c.Config.OpenStdin)
	l.on("--init", c.HostConfig.Init != nil && *c.HostConfig.Init)
	l.set("--pid", c.HostConfig.PidMode)
}

func (l *flagList) security(c *dockercli.Container) {
	h := &c.HostConfig
	l.on("--read-only", h.ReadonlyRootfs)
	l.skip(h.Privileged, "--privileged")
	l.each("--cap-add", h.CapAdd)
	l.each("--cap-drop", h.CapDrop)
	for _, option := range h.SecurityOpt {
		// docker run takes the name of a profile's file, and docker inspect shows its content.
		name, content, _ := strings.Cut(option, "=")
		if isContent := strings.HasPrefix(strings.TrimSpace(content), "{"); isContent {
			l.skip(true, "its %s profile, of which docker inspect shows the content, not the file", value.Clean(name))
		} else {
			l.add("--security-opt", option)
		}
	}
}

// health sets the container's health check, which may differ from its image's.
func (l *flagList) health(h *dockercli.Healthcheck, inherited bool) {
	if h == nil || len(h.Test) == 0 {
		return
	}
	switch kind := h.Test[0]; {
	case kind == "NONE":
		l.on("--no-healthcheck", true)
		return
	case kind == "CMD-SHELL" && len(h.Test) == 2:
		l.add("--health-cmd", h.Test[1])
	case kind == "CMD" && inherited:
	default:
		l.skip(true, "its health check, because docker run accepts only a shell command line")
		return
	}
	l.duration("--health-interval", h.Interval)
	l.duration("--health-timeout", h.Timeout)
	l.duration("--health-start-period", h.StartPeriod)
	l.positive("--health-retries", int64(h.Retries))
}

// duration adds a flag with a time above 0, which stands for docker's default.
func (l *flagList) duration(name string, d time.Duration) {
	if d > 0 {
		l.add(name, d.String())
	}
}

func (l *flagList) limits(c *dockercli.Container) {
	h := &c.HostConfig
	l.positive("--memory", h.Memory)
	if h.MemorySwap != 0 {
		l.add("--memory-swap", strconv.FormatInt(h.MemorySwap, 10))
	}
	if h.NanoCpus > 0 {
		l.add("--cpus", strconv.FormatFloat(float64(h.NanoCpus)/1e9, 'f', -1, 64))
	}
	l.positive("--cpu-quota", h.CPUQuota)
	l.positive("--cpu-period", h.CPUPeriod)
	if h.PidsLimit != nil {
		l.positive("--pids-limit", *h.PidsLimit)
	}
	l.set("--cpuset-cpus", h.CpusetCpus)
}

// kernel sets what the container shares with others through the kernel.
func (l *flagList) kernel(c *dockercli.Container) {
	h := &c.HostConfig
	if h.IpcMode == "" || h.IpcMode == "private" || h.IpcMode == "shareable" {
		l.positive("--shm-size", h.ShmSize)
	}
	l.skip(h.IpcMode == "host" || strings.HasPrefix(h.IpcMode, "container:"), "--ipc %s", value.Clean(h.IpcMode))
	for _, u := range h.Ulimits {
		l.add("--ulimit", fmt.Sprintf("%s=%d:%d", u.Name, u.Soft, u.Hard))
	}
	l.each("--group-add", h.GroupAdd)
	l.skip(len(h.Sysctls) > 0, "its sysctls")
	l.skip(len(h.Devices) > 0, "its devices")
	l.skip(h.OomKillDisable != nil && *h.OomKillDisable, "--oom-kill-disable")
}
