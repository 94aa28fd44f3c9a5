package dockercli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"haltscope/compare/value"
)

// Container is what haltscope needs of `docker inspect`. It is the only struct for it. Environment variables and the values
// of labels may be secrets: they are not decoded, except haltscope's own labels. See [Client.Environment].
type Container struct {
	ID           string `json:"Id"`
	Name         string // with a leading slash; see [Container.DisplayName]
	Image        string // the id of the image
	Created      time.Time
	State        State
	HostnamePath string // a file in the daemon's own directory for the container; "" where it has none
	RestartCount int    // how often the restart policy has started it since somebody else did (moby, daemon/monitor.go)
	Config       ContainerConfig
	HostConfig   HostConfig
	Mounts       []Mount
}

// DisplayName returns the container's name without the leading slash, safe to print.
func (c *Container) DisplayName() string { return value.Clean(strings.TrimPrefix(c.Name, "/")) }

// State is the state of a container as Docker believes it to be. Running is true while the container is paused.
type State struct {
	Status                     string // created, running, paused, restarting, removing, exited, dead
	Running, Paused, OOMKilled bool
	Pid                        int // of the first process, in the daemon's PID namespace; 0 if there is none
	ExitCode                   int // while the container runs, −1 or that of the run before
	Error                      string
	StartedAt, FinishedAt      time.Time
	Health                     *Health // nil without a health check
}

// Health is the state of a health check.
type Health struct {
	Status string // none, starting, healthy, unhealthy
}

// ContainerConfig is the part of a container's configuration that does not depend on the host.
type ContainerConfig struct {
	Image            string // as it was named when the container was made
	User, WorkingDir string
	Entrypoint, Cmd  []string
	Tty, OpenStdin   bool
	StopSignal       string // "" for the default, SIGTERM
	StopTimeout      *int   // seconds; nil for the daemon's default
	Healthcheck      *Healthcheck
	Labels           Keys
}

// Healthcheck is a health check. Test begins with NONE, CMD or CMD-SHELL. A time of 0 means Docker's default.
type Healthcheck struct {
	Test                           []string
	Interval, Timeout, StartPeriod time.Duration
	Retries                        int
}

// HostConfig is the part of a container's configuration that depends on the host.
type HostConfig struct {
	PidMode, IpcMode string
	Init             *bool
	AutoRemove       bool
	RestartPolicy    RestartPolicy

	CgroupParent   string // "" for the daemon's default
	Memory         int64  // limit in bytes; 0 for none
	MemorySwap     int64  // limit of memory and swap together, in bytes; 0 if not set, −1 for no limit
	OomKillDisable *bool
	CpusetCpus     string // such as 0-3,5; "" for all
	NanoCpus       int64  // limit in billionths of a core; 0 for none
	CPUQuota       int64  `json:"CpuQuota"`  // microseconds; 0 for none
	CPUPeriod      int64  `json:"CpuPeriod"` // microseconds; 0 for the kernel's default, 100 ms
	PidsLimit      *int64 // nil, 0 and −1 for none
	Ulimits        []Ulimit

	ReadonlyRootfs, Privileged   bool
	CapAdd, CapDrop, SecurityOpt []string
	GroupAdd                     []string
	Sysctls                      map[string]string
	Devices                      []Device
	Tmpfs                        map[string]string // mount options by path, of --tmpfs
	Mounts                       []MountRequest    // of --mount
	ShmSize                      int64             // size of /dev/shm in bytes
}

// MountRequest is a mount as docker run --mount asked for it. See [Container.Mounts] for the mounts themselves.
type MountRequest struct {
	Target       string
	TmpfsOptions *struct {
		SizeBytes int64       // 0 for no limit
		Mode      os.FileMode // 0 for the default, 01777
	}
}

// TmpfsOptions returns the options with which docker run --mount asked for a tmpfs at a path.
func (h *HostConfig) TmpfsOptions(path string) (options []string) {
	for _, m := range h.Mounts {
		if m.Target != path || m.TmpfsOptions == nil {
			continue
		}
		if m.TmpfsOptions.SizeBytes > 0 {
			options = append(options, fmt.Sprintf("tmpfs-size=%d", m.TmpfsOptions.SizeBytes))
		}
		if m.TmpfsOptions.Mode != 0 {
			options = append(options, fmt.Sprintf("tmpfs-mode=%o", uint32(m.TmpfsOptions.Mode)))
		}
	}
	return options
}

// RestartPolicy is a restart policy.
type RestartPolicy struct {
	Name              string // no, always, unless-stopped, on-failure
	MaximumRetryCount int    // of on-failure; 0 for no limit
}

// Ulimit is a resource limit, as setrlimit(2) takes it.
type Ulimit struct {
	Name       string
	Soft, Hard int64
}

// Device is a device of the host that a container can use.
type Device struct{ PathOnHost string }

// Mount is a mount of a container.
type Mount struct {
	Type                      string // bind, volume, tmpfs, …
	Name, Source, Destination string // Name is that of a volume
	RW                        bool
}

// anonymousVolume matches the name that Docker gives to a volume without one (moby, stringid.GenerateRandomID).
var anonymousVolume = value.Pattern(`^[0-9a-f]{64}$`)

// Anonymous reports whether the mount is a volume that Docker made for this container alone.
func (m *Mount) Anonymous() bool { return m.Type == "volume" && anonymousVolume().MatchString(m.Name) }

// From returns the name of a volume, or the path of a bind mount's source.
func (m *Mount) From() string {
	if m.Type == "volume" {
		return m.Name
	}
	return m.Source
}

// UnmarshalJSON refuses null where it would be taken for no, or for 0.
func (s *State) UnmarshalJSON(data []byte) error {
	type plain State
	if err := decode(data, (*plain)(s)); err != nil {
		return err
	}
	return noNulls(data, "Status", "Running", "Paused", "OOMKilled", "Pid", "ExitCode", "StartedAt", "FinishedAt")
}

// parseInspect parses the output of docker inspect, a JSON array of containers.
//
//	[{"Id":"4f1c…","Name":"/web","State":{"Status":"running","Running":true,"Pid":4242, …},"Config":{…},"HostConfig":{…}, …}]
func parseInspect(data []byte) ([]Container, error) {
	var found []Container
	if err := decode(data, &found); err != nil {
		return nil, fmt.Errorf("docker inspect did not print the JSON of containers: %w", err)
	}
	for _, c := range found {
		if c.ID == "" || c.State.Status == "" {
			return nil, errors.New("docker inspect printed a container without Id or State.Status")
		}
	}
	return found, nil
}
