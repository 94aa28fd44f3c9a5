package target

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"haltscope/dockercli"
)

// manuallyStopped reports whether the daemon remembers that somebody has stopped the container, or sent it a signal by docker kill: the
// policy unless-stopped is then off. docker inspect does not show that; the daemon's own file does, which root can read.
func manuallyStopped(c *dockercli.Container) (stopped bool, err error) {
	dir := filepath.Dir(c.HostnamePath)
	if filepath.Base(dir) != c.ID {
		return false, fmt.Errorf("docker inspect: HostnamePath %q is not in a directory of the container", c.HostnamePath)
	}
	f, err := os.Open(filepath.Join(dir, "config.v2.json"))
	if err != nil {
		return false, err
	}
	defer f.Close()
	if stopped, err = parseManuallyStopped(f); err != nil {
		err = fmt.Errorf("reading %s: %w", f.Name(), err)
	}
	return stopped, err
}

// maxConfig bounds what is read of a container's configuration, in bytes.
const maxConfig = 16 << 20

// parseManuallyStopped parses config.v2.json, of which it takes one key. Source: moby container/container.go, Container.
//
//	{"State":{"Running":true,…},"ID":"cd095a25…","HasBeenManuallyStopped":false,"HasBeenStartedBefore":true,…}
func parseManuallyStopped(r io.Reader) (bool, error) {
	var config struct{ HasBeenManuallyStopped *bool }
	if err := json.NewDecoder(io.LimitReader(r, maxConfig)).Decode(&config); err != nil {
		return false, err
	}
	if config.HasBeenManuallyStopped == nil {
		return false, fmt.Errorf("it has no HasBeenManuallyStopped")
	}
	return *config.HasBeenManuallyStopped, nil
}
