package target

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/moby/sys/signal"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Subject is a container to look at, with what Docker says of it.
type Settings struct {
	Container dockercli.Container
	Setup     dockercli.Setup
	Image     dockercli.ImageStop // of the image the container was made of
	ImageErr  error               // why Image is not known
	Group     *cgroupfs.Group
	Version   int    // of the cgroups: 1 or 2
	Engine    string // its version
	Daemon    *int   // seconds of grace by the daemon's configuration; nil for none
	DaemonErr error  // why Daemon is not known
}

// Ask asks Docker what it says of a container beyond c.
func ReadSettings(ctx context.Context, docker *dockercli.Client, engine string, c dockercli.Container, group *cgroupfs.Group) (Settings, error) {
	s := Settings{Container: c, Group: group, Version: group.Version, Engine: engine}
	s.Daemon, s.DaemonErr = DaemonTimeout(engine)
	setups, err := docker.Setups(ctx, c.ID)
	if err != nil {
		return s, err
	}
	setup, ok := setups[c.ID]
	if !ok {
		return s, fmt.Errorf("container %s: %w: it was removed meanwhile", value.Clean(c.Name), dockercli.ErrNotFound)
	}
	s.Setup = setup
	s.Image, s.ImageErr = docker.ImageStop(ctx, setup.Image)
	return s, nil
}

// anonymous is the name that Docker gives a volume that was given none.
var anonymous = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{64}$`) })

// Look reads what the kernel says of the container now, and lays all before the rules.
func (s *Settings) Facts() prediction.Facts {
	f := prediction.Facts{CgroupVersion: s.Version, Paused: s.Container.State.Paused, PIDMode: s.Setup.HostConfig.PidMode,
		RestartPolicy: s.Setup.HostConfig.RestartPolicy.Name, AutoRemove: s.Setup.HostConfig.AutoRemove,
		StopSignalSet: s.Setup.Config.StopSignal != ""}
	f.Signal, f.SignalFrom = s.stopSignal()
	f.PendingKill = cgroupfs.KillPending(s.Container.State.Pid)
	f.SignalText = value.Clean(s.Setup.Config.StopSignal)
	if n, err := signal.ParseSignal(s.Setup.Config.StopSignal); err == nil {
		f.Thaws = int(n)
	}
	f.Grace, f.GraceFrom = s.grace()
	if o := s.Setup.HostConfig.OomKillDisable; o != nil {
		f.OOMKillDisable = *o
	}
	if h := s.Setup.State.Health; h != nil && h.Status != "none" {
		f.Health = value.Clean(h.Status)
	}
	for _, at := range slices.Sorted(maps.Keys(s.Setup.HostConfig.Tmpfs)) {
		f.Tmpfs = append(f.Tmpfs, value.Clean(at))
	}
	for _, m := range s.Setup.Mounts {
		switch {
		case m.Type == "tmpfs":
			f.Tmpfs = append(f.Tmpfs, value.Clean(m.Destination))
		case m.Type == "volume" && anonymous().MatchString(m.Name):
			f.Anonymous = append(f.Anonymous, value.Clean(m.Destination))
		}
	}
	var r cgroupfs.Reading
	s.Group.Read(&r)
	f.Requested, f.Frozen = r.Freezer.Requested.Bool(), r.Freezer.Frozen.Bool()
	if v, ok := r.Memory.FileDirty.Value(); ok {
		f.DirtyBytes = &v
	}
	if v, ok := r.Memory.Shmem.Value(); ok {
		f.ShmemBytes = &v
	}
	members, err := s.Group.Members()
	if err != nil {
		f.OthersError = err.Error()
	}
	f.Receiver = FindSignalTarget(s.Container.State.Pid, members)
	f.Others = others(&f.Receiver, members)
	// A frozen task of v1 shows D as well.
	frozen := f.Frozen != nil && *f.Frozen
	freezing := f.Requested != nil && *f.Requested
	if !frozen && !(freezing && s.Version == 1) {
		f.Stuck = stuck(members)
	}
	return f
}

// stuck finds the threads that are in the same uninterruptible sleep at each of three looks: for a moment, many are in one.
func stuck(members []int) (all []prediction.Stuck) {
	var before map[int]cgroupfs.Figure
	for try := range 3 {
		if try > 0 {
			time.Sleep(50 * time.Millisecond)
		}
		var now []prediction.Stuck
		sleeps := map[int]cgroupfs.Figure{}
		for _, pid := range members {
			for _, wait := range cgroupfs.Uninterruptible(pid) {
				stat, err := cgroupfs.ReadStat(pid)
				if err != nil {
					continue // it has ended
				}
				if sleeps[wait.TID] = wait.Sleeps; try > 0 && before[wait.TID] != wait.Sleeps {
					continue
				}
				now = append(now, prediction.Stuck{PID: pid, TID: wait.TID, Name: value.Clean(stat.Comm), Wchan: wait.Wchan})
			}
		}
		if all, before = now, sleeps; len(all) == 0 {
			break
		}
	}
	return all
}

// others are the processes that no signal of Docker's comes to. dumb-init tells all of its child's session.
func others(r *prediction.SignalTarget, members []int) []prediction.Other {
	if r.Init == "dumb-init" {
		return nil
	}
	var all []prediction.Other
	for _, pid := range members {
		stat, err := cgroupfs.ReadStat(pid)
		if err != nil || stat.State == 'Z' || pid == r.First.PID || r.Behind != nil && pid == r.Behind.PID {
			continue
		}
		all = append(all, prediction.Other{PID: pid, Name: value.Clean(stat.Comm)})
	}
	return all
}

// stopSignal is the one that applies, and who has set it. Source: moby container/container.go, StopSignal.
func (s *Settings) stopSignal() (int, string) {
	text := s.Setup.Config.StopSignal
	if text == "" {
		return int(unix.SIGTERM), "docker's default"
	}
	n, err := signal.ParseSignal(text)
	if err != nil {
		n = -1 // which Docker then tries to send
	}
	switch {
	case s.ImageErr != nil:
		return int(n), "docker inspect: StopSignal; its image could not be asked whether it is the image's"
	case s.Image.Config.StopSignal == text:
		return int(n), "image: STOPSIGNAL " + value.Clean(text)
	default:
		return int(n), "docker run --stop-signal " + value.Clean(text)
	}
}

// grace is the one that applies, and who has set it. Source: moby container/container.go, StopTimeout.
func (s *Settings) grace() (time.Duration, string) {
	seconds := s.Setup.Config.StopTimeout
	switch {
	case seconds != nil:
	case s.DaemonErr != nil:
		return value.DefaultGrace, "docker's default, unless the daemon has another: " + s.DaemonErr.Error()
	case s.Daemon != nil:
		return value.Grace(s.Daemon), fmt.Sprintf("the daemon's default-stop-timeout %d (daemon.json)", *s.Daemon)
	case hasDaemonTimeout(s.Engine):
		return value.DefaultGrace, "docker's default, unless dockerd was started with --default-stop-timeout"
	default:
		return value.DefaultGrace, "docker's default"
	}
	grace := value.Grace(seconds)
	if t := s.Image.Config.StopTimeout; s.ImageErr == nil && t != nil && *t == *seconds {
		return grace, "image: StopTimeout"
	}
	return grace, fmt.Sprintf("docker run --stop-timeout %d", *seconds)
}

// DaemonTimeout is the grace, in seconds, that an engine gives containers that have none of their own; nil for Docker's own
// default.
func DaemonTimeout(engine string) (*int, error) {
	if !hasDaemonTimeout(engine) {
		return nil, nil
	}
	return dockercli.DaemonStopTimeout()
}

// hasDaemonTimeout reports whether an engine may have a grace of its own for containers that have none: from 29.7 on.
func hasDaemonTimeout(engine string) bool {
	newer, _ := value.VersionAtLeast(engine, "29.7")
	return newer
}
