package dockercli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
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
	config, path, err := readDaemonConfig(arguments)
	if err != nil || config.Timeout == nil {
		return nil, "", err
	}
	return config.Timeout, "default-stop-timeout in " + path, nil
}

// DaemonSettings are settings of a daemon that neither docker info nor docker inspect reports for a container.
type DaemonSettings struct {
	Init        bool // containers that do not say so themselves run under its init (moby, daemon/oci_linux.go)
	LiveRestore bool // it leaves containers running when it ends
}

// ReadDaemonSettings reads the settings of a daemon. arguments are as for [DaemonStopTimeout].
func ReadDaemonSettings(arguments []string) (s DaemonSettings, err error) {
	config, _, err := readDaemonConfig(arguments)
	if err != nil {
		return s, err
	}
	s.Init, err = flagSet(arguments, "--init", config.Init)
	if err == nil {
		s.LiveRestore, err = flagSet(arguments, "--live-restore", config.LiveRestore)
	}
	return s, err
}

// DaemonHosts returns the addresses that a daemon listens on, by its command line and its configuration: such as unix:///run/docker.sock,
// tcp://0.0.0.0:2376 and fd://, which are the sockets that systemd passes. None means its default. arguments are as for
// [DaemonStopTimeout].
func DaemonHosts(arguments []string) (hosts []string, err error) {
	for i, argument := range arguments {
		for _, name := range []string{"--host", "-H"} {
			text, joined := strings.CutPrefix(argument, name+"=")
			if !joined && name == "-H" && !strings.HasPrefix(argument, "--") {
				text, joined = strings.CutPrefix(argument, name)
				joined = joined && text != ""
			}
			switch {
			case joined:
				hosts = append(hosts, text)
			case argument == name && i+1 < len(arguments):
				hosts = append(hosts, arguments[i+1])
			}
		}
	}
	config, _, err := readDaemonConfig(arguments)
	return append(hosts, config.Hosts...), err
}

// flagSet returns the last value of a flag without an argument, or the default.
func flagSet(arguments []string, name string, otherwise bool) (set bool, err error) {
	set = otherwise
	for _, argument := range arguments {
		if argument == name {
			set = true
		} else if text, ok := strings.CutPrefix(argument, name+"="); ok {
			if set, err = strconv.ParseBool(text); err != nil {
				return false, fmt.Errorf("%s of dockerd is neither true nor false: %w", name, err)
			}
		}
	}
	return set, nil
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

// daemonKeys is what is read of a daemon's configuration. The other keys may hold secrets and are not decoded.
type daemonKeys struct {
	Timeout     *int     `json:"default-stop-timeout"`
	Init        bool     `json:"init"`
	LiveRestore bool     `json:"live-restore"`
	Hosts       []string `json:"hosts"`
}

// readDaemonConfig reads the configuration of a daemon, and returns its path. A file that does not exist has no keys.
func readDaemonConfig(arguments []string) (config daemonKeys, path string, err error) {
	path, ok := flagValue(arguments, "--config-file")
	if !ok {
		path = daemonConfig
	}
	data, err := readBounded(path, maxDaemonConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return config, path, nil
	}
	if err != nil {
		return config, path, fmt.Errorf("reading the daemon's configuration: %w", err)
	}
	if config, err = parseDaemonConfig(data); err != nil {
		return config, path, fmt.Errorf("%s is not the JSON of a daemon's configuration: %w", path, err)
	}
	return config, path, nil
}

// maxDaemonConfig bounds a daemon's configuration, in bytes.
const maxDaemonConfig = 1 << 20

// readBounded reads a regular file of at most so many bytes. The path may be anything: it is an argument of a process.
func readBounded(path string, bound int64) ([]byte, error) {
	// O_NONBLOCK: a FIFO without a writer would be waited for.
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, bound+1))
	if err == nil && int64(len(data)) > bound {
		err = fmt.Errorf("%s is longer than %d KiB", path, bound>>10)
	}
	return data, err
}

// parseDaemonConfig parses the configuration of a daemon.
//
//	{"default-stop-timeout": 30, "init": true, "live-restore": true, "hosts": ["fd://", "tcp://127.0.0.1:2376"]}
func parseDaemonConfig(data []byte) (config daemonKeys, err error) {
	err = json.Unmarshal(data, &config)
	return config, err
}
