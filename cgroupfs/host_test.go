package cgroupfs

import "testing"

func TestMountFolder(t *testing.T) {
	for _, c := range []struct {
		m          mount
		path, want string
	}{
		{mount{"/sys/fs/cgroup", "/"}, "/docker/x", "/sys/fs/cgroup/docker/x"},
		{mount{"/sys/fs/cgroup", "/docker"}, "/docker/x", "/sys/fs/cgroup/x"},
		{mount{"/sys/fs/cgroup", "/docker"}, "/other/x", ""},
		{mount{"/sys/fs/cgroup", "/"}, "/../../docker/x", ""},
	} {
		got, err := c.m.folder(c.path)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%+v %s: %q, %v", c.m, c.path, got, err)
		}
	}
}
