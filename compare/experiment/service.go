package experiment

import (
	"encoding/csv"
	"path"
	"slices"
	"strings"
)

// Service is what a twin gets beyond what its image or its container has, in the words of docker run. Each value is one argument
// of docker, passed on unchanged.
type Service struct {
	Env         []string // NAME=VALUE, or NAME for the variable of this process; may be secret
	EnvFiles    []string
	Mounts      []string
	Volumes     []string
	Tmpfs       []string
	User        string
	Publish     []string
	AddHosts    []string
	CopyVolumes bool // copy the content of the container's writable mounts, for a twin of a container
}

// flags returns the flags of docker run, without the environment.
func (s *Service) flags() (flags []string) {
	for _, one := range []struct {
		name   string
		values []string
	}{{"--mount", s.Mounts}, {"--volume", s.Volumes}, {"--tmpfs", s.Tmpfs}, {"--publish", s.Publish}, {"--add-host", s.AddHosts}} {
		for _, value := range one.values {
			flags = append(flags, one.name, value)
		}
	}
	if s.User != "" {
		flags = append(flags, "--user", s.User)
	}
	return flags
}

// network returns the network of a twin with published ports, which docker discards without one; otherwise "".
func (s *Service) network() string {
	if len(s.Publish) > 0 {
		return "bridge"
	}
	return ""
}

// mountsAt reports whether the user mounts something at a path of the twin, which then replaces the container's own mount there.
func (s *Service) mountsAt(destination string) bool {
	var all []string
	for _, volume := range s.Volumes { // PATH, or SOURCE:PATH[:OPTIONS]
		parts := strings.Split(volume, ":")
		all = append(all, parts[min(1, len(parts)-1)])
	}
	for _, tmpfs := range s.Tmpfs { // PATH[:OPTIONS]
		at, _, _ := strings.Cut(tmpfs, ":")
		all = append(all, at)
	}
	for _, mount := range s.Mounts { // KEY=VALUE,…, as one line of CSV
		fields, err := csv.NewReader(strings.NewReader(mount)).Read()
		if err != nil {
			continue // docker reports it
		}
		for _, field := range fields {
			switch key, value, _ := strings.Cut(field, "="); strings.ToLower(key) {
			case "target", "destination", "dst":
				all = append(all, value)
			}
		}
	}
	return slices.ContainsFunc(all, func(at string) bool { return path.Clean(at) == path.Clean(destination) })
}
