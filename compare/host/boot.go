package host

import (
	"errors"
	"io/fs"
	"os"

	"haltscope/compare/value"
)

// dockerUnits are the names of Docker's service.
var dockerUnits = []string{"docker.service", "snap.docker.dockerd.service"}

// unitDirs are where systemd looks for units, the first ones first. Source: systemd.unit(5).
var unitDirs = []string{"etc/systemd/system", "run/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system",
	"lib/systemd/system"}

// DaemonAtBoot reports whether systemd starts the Docker daemon when the machine starts. Without systemd that is not known.
func DaemonAtBoot() value.Maybe[bool] {
	root := "/proc/1/root" // where haltscope runs in a container, it has a root of its own
	if _, err := os.Stat(root + "/"); err != nil {
		root = "/"
	}
	return daemonAtBoot(os.DirFS(root))
}

// daemonAtBoot reports whether systemd starts the Docker daemon when the machine starts, by the files below a root.
func daemonAtBoot(root fs.FS) value.Maybe[bool] {
	if _, err := fs.Stat(root, "run/systemd/system"); errors.Is(err, fs.ErrNotExist) { // sd_booted(3)
		return value.Absent[bool](value.Unsupported, "this machine does not run systemd")
	} else if err != nil {
		return value.Absent[bool](value.Failed, err.Error())
	}
	installed := false
	for _, unit := range dockerUnits {
		enabled, there := unitAtBoot(root, unit)
		if enabled {
			return value.Known(true)
		}
		installed = installed || there
	}
	if !installed {
		return value.Absent[bool](value.Unsupported, "systemd has no unit "+dockerUnits[0])
	}
	return value.Known(false)
}

// unitAtBoot reports whether a unit is enabled, and whether there is one: another unit wants or requires it, and it is not masked.
func unitAtBoot(root fs.FS, unit string) (enabled, there bool) {
	for _, dir := range unitDirs {
		if to, err := fs.ReadLink(root, dir+"/"+unit); err == nil && to == "/dev/null" {
			return false, true // masked
		}
		if _, err := fs.Lstat(root, dir+"/"+unit); err == nil {
			there = true
		}
		for _, kind := range []string{"wants", "requires"} {
			// The pattern is good, and fs.Glob has no other error.
			if links, err := fs.Glob(root, dir+"/*."+kind+"/"+unit); err == nil && len(links) > 0 {
				enabled = true
			}
		}
	}
	return enabled, there
}
