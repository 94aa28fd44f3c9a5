package dockercli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"haltscope/compare/value"
)

// Setup is how a container was set up, as `docker inspect` tells it. The values of environment variables and labels are
// not decoded: see [Client.Environment].
type Setup struct {
	Image  string // its id
	Config struct {
		User, WorkingDir, StopSignal string
		StopTimeout                  *int // seconds
		Entrypoint, Cmd              []string
		Tty, OpenStdin               bool
		Healthcheck                  *Healthcheck
	}
	HostConfig struct {
		PidMode        string
		Init           *bool
		RestartPolicy  struct{ Name string }
		AutoRemove     bool
		OomKillDisable *bool
		Tmpfs          map[string]string // options by folder
		ReadonlyRootfs bool
		Privileged     bool
		CapAdd         []string
		CapDrop        []string
		SecurityOpt    []string
		Memory         int64 // bytes; 0 for none
		MemorySwap     int64 // with the memory; 0 for none, −1 for no limit
		NanoCpus       int64 // billionths of a core; 0 for none
		CpuQuota       int64 // microseconds; 0 for none
		CpuPeriod      int64
		PidsLimit      *int64 // nil, 0 and −1 for none
		CpusetCpus     string // "" for all
		ShmSize        int64  // bytes, of /dev/shm
		IpcMode        string
		Ulimits        []struct {
			Name       string
			Soft, Hard int64
		}
		GroupAdd []string
		Sysctls  map[string]string
		Devices  []struct{ PathOnHost string }
	}
	Mounts []struct {
		Type, Name, Source, Destination string
		RW                              bool
	}
	State struct {
		Health *struct{ Status string }
	}
}

// Healthcheck is a container's health check. Test begins with NONE, CMD or CMD-SHELL; a time is 0 for Docker's default.
type Healthcheck struct {
	Test                           []string
	Interval, Timeout, StartPeriod time.Duration
	Retries                        int
}

// Setups asks how containers were set up, by id. Those that exist no more are left out.
func (c *Client) Setups(ctx context.Context, ids ...string) (map[string]Setup, error) {
	call, err := c.run(ctx, 0, nil, append([]string{"inspect", "--type", "container", "--"}, ids...)...)
	if err != nil && !mentions(err, "no such container", "no such object") {
		return nil, fmt.Errorf("inspecting the containers: %w", err)
	}
	return parseSetups(c.inspected(call.Stdout))
}

func parseSetups(data []byte) (map[string]Setup, error) {
	var found []struct {
		ID string `json:"Id"`
		Setup
	}
	if err := decode(data, &found); err != nil {
		return nil, fmt.Errorf("docker inspect printed what is not the JSON of containers: %w", err)
	}
	byID := map[string]Setup{}
	for _, s := range found {
		if s.ID == "" {
			return nil, errors.New("docker inspect printed a container without Id")
		}
		byID[s.ID] = s.Setup
	}
	return byID, nil
}

// ImageStop is what an image says of how its containers are stopped and checked. "" and nil where it says nothing.
type ImageStop struct {
	Config struct {
		StopSignal  string
		StopTimeout *int // seconds; no Dockerfile can say it, docker commit can
		Healthcheck *Healthcheck
	}
}

// ImageStop asks an image, by reference or id.
func (c *Client) ImageStop(ctx context.Context, ref string) (ImageStop, error) {
	call, err := c.run(ctx, 0, nil, "image", "inspect", "--", ref)
	if err != nil {
		return ImageStop{}, fmt.Errorf("looking for image %s: %w", value.Clean(ref), err)
	}
	return parseOne[ImageStop](call.Stdout)
}
