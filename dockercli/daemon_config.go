package dockercli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// daemonConfig is where dockerd reads its configuration, unless told otherwise.
const daemonConfig = "/etc/docker/daemon.json"

// DaemonStopTimeout is the grace that the daemon's configuration gives containers that have none of their own, in
// seconds; nil where it gives none. Engines from 29.7 on have it.
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

// parseDaemonConfig finds default-stop-timeout. The other keys may hold secrets, and are not decoded.
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
