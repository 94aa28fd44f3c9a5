package dockercli

import (
	"slices"
	"strings"
	"testing"
)

func TestPodmanContainerRecorded(t *testing.T) {
	podmanFixtures(t, func(t *testing.T, read func(string) []byte) {
		for state, status := range map[string]string{"running": "Up ", "paused": "Paused", "exited": "Exited (0) "} {
			lines, err := parsePodmanPs(read("ps-" + state + ".json"))
			if err != nil {
				t.Fatal(err)
			}
			found, err := parseInspect(podmanInspect(read("inspect-" + state + ".json")))
			if err != nil {
				t.Fatal(err)
			}
			checkRecorded(t, state, lines, found)
			if !strings.HasPrefix(lines[0].Status, status) || found[0].Name != "haltscope-record" {
				t.Errorf("%+v, %s", lines[0], found[0].Name)
			}
			if c := found[0]; c.Config.StopTimeout == nil || *c.Config.StopTimeout != 10 || c.HostConfig.PidMode != "" {
				t.Errorf("%+v, %+v", c.Config, c.HostConfig)
			}
			stats, err := parsePodmanStats(read("stats-" + state + ".json"))
			if s := stats[lines[0].ID]; err != nil || s.CPUPercent == nil || s.MemoryBytes == nil || (*s.MemoryBytes > 0) != (state != "exited") {
				t.Errorf("%+v, %v", s, err)
			}
		}
	})
}

func TestPodmanRecorded(t *testing.T) {
	podmanFixtures(t, func(t *testing.T, read func(string) []byte) {
		top, err := parseTop(read("top.txt"))
		if err != nil || len(top.Processes) < 2 || !strings.HasPrefix(top.Processes[0][2], "nginx: master process nginx") {
			t.Errorf("%+v, %v", top, err)
		}
		if pids, err := top.PIDs(); err != nil || slices.Contains(pids, 1) {
			t.Errorf("the host's pids: %v, %v", pids, err)
		}
		info, err := parseInfo(read("info.json"))
		if err != nil || info.Engine != Podman || info.ServerVersion == "" || info.ServerVersion != info.ClientInfo.Version ||
			info.KernelVersion == "" || info.CgroupDriver == "" || info.Rootless() {
			t.Errorf("%+v, %v", info, err)
		}
		image, err := parseImage(read("image.json"))
		if err != nil || image.Config.StopSignal != "SIGQUIT" || !image.Config.Labels.Has("haltscope.test") {
			t.Errorf("%+v, %v", image, err)
		}
	})
}
