package host

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"haltscope/compare/value"
)

// TestDaemonAtBoot checks what is known of the start of the daemon by the files of systemd.
func TestDaemonAtBoot(t *testing.T) {
	const booted, unit = "run/systemd/system/x", "lib/systemd/system/docker.service"
	const link = "etc/systemd/system/multi-user.target.wants/docker.service"
	file := &fstest.MapFile{}
	symlink := func(to string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(to), Mode: fs.ModeSymlink} }
	for name, c := range map[string]struct {
		root fstest.MapFS
		want value.Maybe[bool]
	}{
		"no systemd": {fstest.MapFS{unit: file, link: file}, value.Absent[bool](value.Unsupported, "this machine does not run systemd")},
		"no unit":    {fstest.MapFS{booted: file}, value.Absent[bool](value.Unsupported, "systemd has no unit docker.service")},
		"enabled":    {fstest.MapFS{booted: file, unit: file, link: symlink("/lib/systemd/system/docker.service")}, value.Known(true)},
		"disabled":   {fstest.MapFS{booted: file, unit: file}, value.Known(false)},
		"only its socket is enabled": {fstest.MapFS{booted: file, unit: file,
			"etc/systemd/system/sockets.target.wants/docker.socket": file}, value.Known(false)},
		"masked": {fstest.MapFS{booted: file, unit: file, link: file, "etc/systemd/system/docker.service": symlink("/dev/null")},
			value.Known(false)},
		"a snap": {fstest.MapFS{booted: file, "etc/systemd/system/snap.docker.dockerd.service": file,
			"etc/systemd/system/multi-user.target.wants/snap.docker.dockerd.service": file}, value.Known(true)},
	} {
		if got := daemonAtBoot(c.root); got != c.want {
			t.Errorf("%s: %+v, wanted %+v", name, got, c.want)
		}
	}
}
