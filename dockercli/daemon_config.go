package dockercli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// daemonConfig is where dockerd reads its configuration by default.
const daemonConfig = "/etc/docker/daemon.json"

// DaemonStopTimeout returns the grace that the daemon's configuration gives containers without one of their own, in
// seconds; nil if it gives none. Engines have it since 29.7.
func DaemonStopTimeout() (*int, error) {
	data, err := os.ReadFile(daemonConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the daemon's configuration: %w", err)
	}
	return parseDaemonConfig(data)
}

// parseDaemonConfig finds default-stop-timeout. The other keys may hold secrets and are not decoded.
//
//	{"default-stop-timeout": 30}
func parseDaemonConfig(data []byte) (*int, error) {
	var config struct {
		Timeout *int `json:"default-stop-timeout"`
	}
	if err := json.Unmarshal(data, &config); err != nil {
		return nil, fmt.Errorf("%s is not the JSON of a daemon's configuration: %w", daemonConfig, err)
	}
	return config.Timeout, nil
}
