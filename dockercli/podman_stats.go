package dockercli

import (
	"errors"
	"fmt"

	"github.com/docker/go-units"
)

// parsePodmanStats parses one JSON array. Sizes are decimal (docker's are binary). With --no-stream, cpu_percent is the average
// since the container's start (libpod/stats_linux.go).
//
//	[{"id":"4f1c…","name":"web","cpu_percent":"10.65%","mem_usage":"106.2MB / 25.28GB", …}]
func parsePodmanStats(data []byte) (map[string]Stats, error) {
	var lines []struct {
		ID         string `json:"id"`
		CPUPercent string `json:"cpu_percent"`
		MemUsage   string `json:"mem_usage"`
	}
	if err := decode(data, &lines); err != nil {
		return nil, fmt.Errorf("podman stats did not print the JSON of statistics: %w", err)
	}
	all := make(map[string]Stats, len(lines))
	for _, line := range lines {
		if line.ID == "" {
			return nil, errors.New("podman stats printed statistics without id")
		}
		s, err := parseFigures("podman stats", line.ID, line.CPUPercent, line.MemUsage, units.FromHumanSize)
		if err != nil {
			return nil, err
		}
		all[s.ID] = s
	}
	return all, nil
}
