package dockercli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// daemonConfig is where dockerd reads its configuration by default.
const daemonConfig = "/etc/docker/daemon.json"

// DaemonStopTimeout returns the grace that a daemon gives containers without one of their own, in seconds, and where that is set; nil
// and "" if it is set nowhere. Engines have it since 29.7, and neither docker info nor docker inspect reports it. arguments are those
// of dockerd; nil if they are not known, and then only the configuration in its usual place is read.
//
// The daemon reads its configuration when it starts and when it is reloaded (moby, daemon/config/config.go, daemon/reload.go).
func DaemonStopTimeout(arguments []string) (seconds *int, from string, err error) {
	if text, ok := flagValue(arguments, "--default-stop-timeout"); ok {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, "", fmt.Errorf("--default-stop-timeout of dockerd is not a number of seconds: %w", err)
		}
		return &n, "dockerd --default-stop-timeout", nil
	}
	path, ok := flagValue(arguments, "--config-file")
	if !ok {
		path = daemonConfig
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("reading the daemon's configuration: %w", err)
	}
	if seconds, err = parseDaemonConfig(data); err != nil {
		return nil, "", fmt.Errorf("%s is not the JSON of a daemon's configuration: %w", path, err)
	}
	if seconds == nil {
		return nil, "", nil
	}
	return seconds, "default-stop-timeout in " + path, nil
}

// flagValue returns the last value of a flag, given as --flag=value or as --flag value.
func flagValue(arguments []string, name string) (value string, ok bool) {
	for i, argument := range arguments {
		if text, joined := strings.CutPrefix(argument, name+"="); joined {
			value, ok = text, true
		} else if argument == name && i+1 < len(arguments) {
			value, ok = arguments[i+1], true
		}
	}
	return value, ok
}

// parseDaemonConfig finds default-stop-timeout. The other keys may hold secrets and are not decoded.
//
//	{"default-stop-timeout": 30}
func parseDaemonConfig(data []byte) (*int, error) {
	var config struct {
		Timeout *int `json:"default-stop-timeout"`
	}
	if err := json.Unmarshal(data, &config); err != nil {
		return nil, err
	}
	return config.Timeout, nil
}
