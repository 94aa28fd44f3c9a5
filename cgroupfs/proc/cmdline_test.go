package proc

import "testing"

func TestHasBootOption(t *testing.T) {
	const line = "console=ttyS0 quiet cgroup.memory=nosocket,nokmem cgroup_disable=rdma psi=0\n"
	for option, want := range map[string]bool{"quiet": true, "psi=0": true, "psi=1": false, "psi": false, "cgroup.memory=nokmem": true,
		"cgroup.memory=nosocket": true, "cgroup.memory=no": false, "cgroup_disable=memory": false, "console": false} {
		if got := hasBootOption(line, option); got != want {
			t.Errorf("%s: %t", option, got)
		}
	}
}
