package experiment

import (
	"slices"
	"strings"
	"testing"
	"time"

	"haltscope/dockercli"
)

// A twin's flags leave out what would let it change things that belong to the container.
func TestLikeFlags(t *testing.T) {
	var s dockercli.Container
	yes, seconds, empty := true, 3, t.TempDir()
	s.Config.Entrypoint, s.Config.Cmd, s.Config.StopTimeout = []string{"/app", "--serve"}, []string{"x"}, &seconds
	s.HostConfig.Init, s.HostConfig.Privileged, s.HostConfig.PidMode = &yes, true, "host"
	s.HostConfig.Tmpfs = map[string]string{"/t": ""}
	s.Mounts = []dockercli.Mount{
		{Type: "bind", Source: empty, Destination: "/b"},
		{Type: "bind", Source: "/rw", Destination: "/c", RW: true},
		{Type: "volume", Name: strings.Repeat("0", 64), Destination: "/anon", RW: true},
		{Type: "volume", Name: "named", Destination: "/n", RW: true},
	}
	s.HostConfig.SecurityOpt = []string{"no-new-privileges", `seccomp={"defaultAction":"SCMP_ACT_ALLOW"}`}
	s.HostConfig.ShmSize, s.HostConfig.IpcMode, s.HostConfig.CpusetCpus = 64<<20, "private", "0-1"
	s.Config.Healthcheck = &dockercli.Healthcheck{Test: []string{"CMD-SHELL", "wget -q localhost"}, Interval: 5 * time.Second, Retries: 2}
	flags, skipped := likeFlags(&s, false, newMountPlan(&Service{}, dockercli.Docker))
	want := []string{
		"--entrypoint", "/app", "--stop-timeout", "3", "--init", "--pid", "host", "--security-opt", "no-new-privileges",
		"--health-cmd", "wget -q localhost", "--health-interval", "5s", "--health-retries", "2",
		"--cpuset-cpus", "0-1", "--shm-size", "67108864", "--tmpfs", "/t", "--volume", "/anon",
		"--mount", "type=bind,source=" + empty + ",target=/b,readonly", "--volume", "/c", "--volume", "/n",
	}
	if command := likeCommand(&s); !slices.Equal(flags, want) || !slices.Equal(command, []string{"--serve", "x"}) {
		t.Errorf("%q, %q", flags, command)
	}
	for inherited, want := range map[bool]string{true: "", false: "its health check"} {
		s.Config.Healthcheck.Test = []string{"CMD", "/probe"}
		_, without := likeFlags(&s, inherited, newMountPlan(&Service{}, dockercli.Docker))
		all := strings.Join(without, "; ")
		if strings.Contains(all, "its health check") != (want != "") || !strings.Contains(all, "seccomp profile") {
			t.Errorf("inherited: %t: %s", inherited, all)
		}
	}
	lacks := strings.Join((&like{skipped: skipped}).lacks(), "; ")
	for _, part := range []string{"--privileged"} {
		if !strings.Contains(lacks, part) {
			t.Errorf("%s is not in %q", part, lacks)
		}
	}
}
