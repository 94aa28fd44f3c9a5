package target

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/compare/host"
	"haltscope/compare/rules/grace"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Inspection is what Docker says about a running container, with its cgroup.
type Inspection struct {
	Container dockercli.Container
	Image     dockercli.Image // that the container was created from; empty if the container has no stop signal
	ImageErr  error           // why Image is not known
	Group     *cgroupfs.Group
	Version   int    // of the cgroups: 1 or 2
	Engine    string // its version
	Daemon    grace.Daemon
	DaemonErr error // why Daemon is not known
	Sharing   *Sharing

	PolicyOff    *prediction.PolicyOff // see [PoliciesOff]; nil also if nobody asked
	PolicyOffErr error                 // why PolicyOff is not known
	// PolicyOffSince is the time of Docker's oldest event, if that is after the container's start; else zero. An older signal is forgotten.
	PolicyOffSince time.Time
}

// Inspect adds to a container what Docker says about its image, and the daemon's configuration.
func Inspect(ctx context.Context, docker Configuration, engine string, c dockercli.Container, group *cgroupfs.Group) Inspection {
	return NewInspector(ctx, docker, engine, c).Inspect(c, group)
}

// Daemon is what [DaemonGrace] asks Docker.
type Daemon interface {
	host.Socket
	Engine() dockercli.Engine
}

// Configuration is what [NewInspector] asks Docker.
type Configuration interface {
	Daemon
	ImageInspectMany(ctx context.Context, refs ...string) map[string]dockercli.ImageAnswer
}

// Inspector knows the images of some containers, and the daemon's configuration.
type Inspector struct {
	engine    string
	daemon    grace.Daemon
	daemonErr error
	images    map[string]dockercli.ImageAnswer // by id; only of containers that have a stop signal, which may come from there
}

// NewInspector asks Docker what is needed to inspect some containers, for all of them at once.
func NewInspector(ctx context.Context, docker Configuration, engine string, containers ...dockercli.Container) *Inspector {
	i := &Inspector{engine: engine}
	i.daemon, i.daemonErr = DaemonGrace(ctx, docker, engine)
	var images []string
	for _, c := range containers {
		if c.Config.StopSignal != "" && !slices.Contains(images, c.Image) {
			images = append(images, c.Image)
		}
	}
	i.images = docker.ImageInspectMany(ctx, images...)
	return i
}

// Inspect adds to one of the containers what the inspector knows.
func (i *Inspector) Inspect(c dockercli.Container, group *cgroupfs.Group) Inspection {
	image := i.images[c.Image]
	return Inspection{Container: c, Group: group, Version: group.Version, Engine: i.engine, Daemon: i.daemon, DaemonErr: i.daemonErr,
		Image: image.Image, ImageErr: image.Err}
}

// stopSignal returns the stop signal that applies, and who set it. The signal is -1 if there is no such signal: Docker then tries
// to send that. Source: moby container/container.go, StopSignal.
func (s *Inspection) stopSignal() (signal unix.Signal, from string) {
	text := s.Container.Config.StopSignal
	signal, err := value.ParseStopSignal(text)
	if err != nil {
		signal = -1
	}
	switch {
	case text == "":
		return signal, "docker's default"
	case s.ImageErr != nil:
		return signal, "docker inspect: StopSignal; it may be the image's, which could not be inspected"
	case s.Image.Config.StopSignal == text:
		return signal, "image: STOPSIGNAL " + value.Clean(text)
	default:
		return signal, "docker run --stop-signal " + value.Clean(text)
	}
}

// grace returns the grace that applies, and who set it.
func (s *Inspection) grace() (time.Duration, string) {
	settings := grace.Settings{Container: s.Container.Config.StopTimeout, Daemon: s.Daemon, Engine: s.Engine}
	if s.DaemonErr != nil {
		settings.DaemonError = s.DaemonErr.Error()
	}
	return grace.Decide(settings)
}

// DaemonGrace returns the default grace of the daemon. Docker does not report it, so it is read where dockerd reads it.
func DaemonGrace(ctx context.Context, docker Daemon, engine string) (d grace.Daemon, err error) {
	if docker.Engine() != dockercli.Docker || !grace.DaemonMaySet(engine) {
		return grace.Daemon{Known: true}, nil
	}
	arguments, argumentsErr := host.DaemonArguments(ctx, docker)
	d.Known = argumentsErr == nil
	d.Seconds, d.From, err = dockercli.DaemonStopTimeout(arguments)
	return d, err
}
