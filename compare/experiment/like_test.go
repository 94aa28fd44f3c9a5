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
	var s dockercli.Setup
	yes, seconds := true, 3
	s.Config.Entrypoint, s.Config.Cmd, s.Config.StopTimeout = []string{"/app", "--serve"}, []string{"x"}, &seconds
	s.HostConfig.Init, s.HostConfig.Privileged, s.HostConfig.PidMode = &yes, true, "host"
	s.HostConfig.Tmpfs = map[string]string{"/t": ""}
	for _, m := range [][]any{{"bind", "", "/a", "/b", false}, {"bind", "", "/rw", "/c", true}, {"volume", strings.Repeat("0", 64), "", "/anon", true}, {"volume", "named", "", "/n", true}} {
		s.Mounts = append(s.Mounts, struct {
			Type, Name, Source, Destination string
			RW                              bool
		}{m[0].(string), m[1].(string), m[2].(string), m[3].(string), m[4].(bool)})
	}
	s.HostConfig.SecurityOpt = []string{"no-new-privileges", `seccomp={"defaultAction":"SCMP_ACT_ALLOW"}`}
	s.HostConfig.ShmSize, s.HostConfig.IpcMode, s.HostConfig.CpusetCpus = 64<<20, "private", "0-1"
	s.Config.Healthcheck = &dockercli.Healthcheck{Test: []string{"CMD-SHELL", "wget -q localhost"}, Interval: 5 * time.Second, Retries: 2}
	flags, skipped := likeFlags(&s, false)
	want := []string{"--entrypoint", "/app", "--stop-timeout", "3", "--init", "--pid", "host", "--security-opt", "no-new-privileges", "--health-cmd", "wget -q localhost", "--health-interval", "5s", "--health-retries", "2", "--cpuset-cpus", "0-1", "--shm-size", "67108864", "--tmpfs", "/t", "--volume", "/a:/b:ro", "--volume", "/anon"}
	if !slices.Equal(flags, want) {
		t.Errorf("%q", flags)
	}
	for inherited, want := range map[bool]string{true: "", false: "its health check"} {
		s.Config.Healthcheck.Test = []string{"CMD", "/probe"}
		_, without := likeFlags(&s, inherited)
		if all := strings.Join(without, "; "); strings.Contains(all, "its health check") != (want != "") || !strings.Contains(all, "seccomp profile") {
			t.Errorf("inherited: %t: %s", inherited, all)
		}
	}
	if lacks := strings.Join((&like{skipped: skipped}).lacks(), "; "); !strings.Contains(lacks, "--privileged") || !strings.Contains(lacks, "/c") || !strings.Contains(lacks, "/n") {
		t.Errorf("%s", lacks)
	}
}
