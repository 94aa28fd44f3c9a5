package dockercli

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"haltscope/compare/value"
)

// podmanFixtures calls test for each recorded podman: testdata/podman-VERSION, made by scripts/record of a container of nginx
// that ran, was paused and unpaused, was stopped, started and killed.
func podmanFixtures(t *testing.T, test func(t *testing.T, read func(name string) []byte)) {
	t.Helper()
	recorded(t, "testdata/podman-*", 2, "scripts/record podman podman-lab", test)
}

func TestPodmanRecorded(t *testing.T) {
	podmanFixtures(t, func(t *testing.T, read func(string) []byte) {
		for state, status := range map[string]string{"running": "Up ", "paused": "Paused", "exited": "Exited (0) "} {
			lines, err := parsePodmanPs(read("ps-" + state + ".json"))
			if err != nil || len(lines) != 1 {
				t.Fatalf("%+v, %v", lines, err)
			}
			line := lines[0]
			if line.State != state || !strings.HasPrefix(line.Status, status) || line.Name != "haltscope-record" || len(line.ID) != 64 {
				t.Errorf("%+v", line)
			}
			found, err := parseInspect(podmanInspect(read("inspect-" + state + ".json")))
			if err != nil || len(found) != 1 {
				t.Fatalf("%+v, %v", found, err)
			}
			c := found[0]
			if c.ID != line.ID || c.Name != "haltscope-record" || c.State.Status != state || c.State.Paused != (state == "paused") ||
				c.State.Running != (state != "exited") || (c.State.Pid > 0) != (state != "exited") || c.State.OOMKilled || c.State.ExitCode != 0 {
				t.Errorf("%+v", c.State)
			}
			if c.Config.StopSignal != "SIGQUIT" || c.Config.StopTimeout == nil || *c.Config.StopTimeout != 10 || c.Config.Labels.Own("owner") != "recorded" {
				t.Errorf("%+v", c.Config)
			}
			if c.HostConfig.Memory != 64<<20 || c.HostConfig.PidMode != "" || *c.HostConfig.PidsLimit != 100 || c.State.StartedAt.IsZero() {
				t.Errorf("%+v", c.HostConfig)
			}
			setups, err := parseSetups(podmanInspect(read("inspect-" + state + ".json")))
			if s := setups[line.ID]; err != nil || s.Config.StopSignal != "SIGQUIT" || len(s.Config.Entrypoint)+len(s.Config.Cmd) == 0 {
				t.Errorf("%+v, %v", s.Config, err)
			}
			stats, err := parsePodmanStats(read("stats-" + state + ".json"))
			if s := stats[line.ID]; err != nil || s.CPUPercent == nil || s.MemoryBytes == nil || (*s.MemoryBytes > 0) != (state != "exited") {
				t.Errorf("%+v, %v", s, err)
			}
		}
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

func TestPodmanEventsRecorded(t *testing.T) {
	podmanFixtures(t, func(t *testing.T, read func(string) []byte) {
		var actions, codes []string
		for line := range strings.Lines(string(read("events.json"))) {
			n, err := parsePodmanEvent([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			if n.Time.Year() < 2024 || len(n.ID) != 64 || n.Name != "haltscope-record" || n.Signal != "" {
				t.Errorf("%+v", n)
			}
			switch n.Action {
			case "die":
				codes = append(codes, n.ExitCode)
			case "init", "cleanup", "stop": // the last of a stop is there or not
				continue
			}
			actions = append(actions, n.Action)
		}
		if diff := cmp.Diff(strings.Fields("create start pause unpause die start kill die"), actions); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"0", "137"}, codes); diff != "" {
			t.Error(diff)
		}
	})
}

func TestParsePodmanEvent(t *testing.T) {
	at := time.Unix(1750000000, 5).UTC()
	for line, want := range map[string]Notice{
		// 4.3 leaves out an exit code of 0; where 5.4 has none, it is not known.
		`{"ID":"ab","Name":"w","Status":"died","Time":"2025-06-15T15:06:40.000000005Z"}`:                                              {Event: Event{Action: "die", ID: "ab", Time: at, ExitCode: "0"}, Name: "w"},
		`{"ID":"ab","Name":"w","Status":"died","time":1750000000,"timeNano":1750000000000000005}`:                                     {Event: Event{Action: "die", ID: "ab", Time: at}, Name: "w"},
		`{"ID":"ab","Status":"died","ContainerExitCode":3,"timeNano":1750000000000000005,"Attributes":{"exitCode":"9","signal":"9"}}`: {Event: Event{Action: "die", ID: "ab", Time: at, ExitCode: "3"}},
		`{"ID":"ab","Status":"remove","timeNano":1750000000000000005}`:                                                                {Event: Event{Action: "destroy", ID: "ab", Time: at}},
	} {
		got, err := parsePodmanEvent([]byte(line))
		got.Time = got.Time.UTC()
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", line, got, err)
		}
	}
	for _, line := range []string{"", "json", "{}", `{"ID":"ab","Status":"died"}`, `{"ID":"ab","Status":"died","Time":"noon"}`, `{"Status":"died","timeNano":5}`,
		`{"ID":"ab","timeNano":1750000000000000005}`, `[1]`} {
		if n, err := parsePodmanEvent([]byte(line)); err == nil {
			t.Errorf("%q was understood: %+v", line, n)
		}
	}
}

// What is otherwise with podman is put into docker's form; the rest stays as it is, whatever it is.
func TestPodmanInspect(t *testing.T) {
	for in, want := range map[string]string{
		`[{"Config":{"StopSignal":3}}]`:                                            `[{"Config":{"StopSignal":"SIGQUIT"}}]`,
		`[{"Config":{"StopSignal":"SIGQUIT","Entrypoint":["a b"]}}]`:               `[{"Config":{"StopSignal":"SIGQUIT","Entrypoint":["a b"]}}]`,
		`[{"Config":{"StopSignal":40}}]`:                                           `[{"Config":{"StopSignal":"40"}}]`,
		`[{"State":{"Status":"stopped","Running":false}}]`:                         `[{"State":{"Status":"exited","Running":false}}]`,
		`[{"State":{"Status":"stopping","Running":false}}]`:                        `[{"State":{"Status":"running","Running":true}}]`,
		`[{"State":{"Status":"paused","Running":false,"Pid":9007199254740993}}]`:   `[{"State":{"Status":"paused","Running":true,"Pid":9007199254740993}}]`,
		`[{"HostConfig":{"PidMode":"private"}},{"HostConfig":{"PidMode":"host"}}]`: `[{"HostConfig":{"PidMode":""}},{"HostConfig":{"PidMode":"host"}}]`,
		// Joined by blanks, the words are known by what follows them; behind an init they are parted at blanks.
		`[{"Path":"sh","Args":["-c","a b","x"],"Config":{"Entrypoint":"sh -c a b","Cmd":["x"]}}]`:  `[{"Path":"sh","Args":["-c","a b","x"],"Config":{"Entrypoint":["sh","-c","a b"],"Cmd":["x"]}}]`,
		`[{"Path":"/run/podman-init","Args":["--","sh"],"Config":{"Entrypoint":"sh","Cmd":null}}]`: `[{"Path":"/run/podman-init","Args":["--","sh"],"Config":{"Entrypoint":["sh"],"Cmd":null}}]`,
		`[{"Config":{"Entrypoint":""}}]`: `[{"Config":{"Entrypoint":null}}]`,
		`[]`:                             `[]`, `no json`: `no json`,
	} {
		got := string(podmanInspect([]byte(in)))
		var a, b any
		if json.Unmarshal([]byte(want), &a) != nil {
			if got != want {
				t.Errorf("%s: %s", in, got)
			}
			continue
		}
		if err := json.Unmarshal([]byte(got), &b); err != nil || !cmp.Equal(a, b) {
			t.Errorf("%s: %s, wanted %s", in, got, want)
		}
	}
}

func TestParsePodmanStats(t *testing.T) {
	all, err := parsePodmanStats([]byte(`[{"id":"a","cpu_percent":"199.96%","mem_usage":"106.2MB / 25.28GB"},{"id":"b","cpu_percent":"--","mem_usage":"-- / --"}]`))
	if err != nil || *all["a"].CPUPercent != 199.96 || *all["a"].MemoryBytes != 106_200_000 || all["b"].CPUPercent != nil || all["b"].MemoryBytes != nil {
		t.Errorf("%+v, %v", all, err)
	}
	for _, text := range []string{`json`, `{}`, `[{"id":"a","cpu_percent":"much%"}]`, `[{"id":"a","mem_usage":"much / 1GB"}]`} {
		if _, err := parsePodmanStats([]byte(text)); err == nil {
			t.Errorf("%q was understood", text)
		}
	}
}

// Podman is known by its version, which a docker is not asked for where it lists anything.
func TestListOfPodman(t *testing.T) {
	calls := filepath.Join(t.TempDir(), "calls")
	podman := fake(t, `echo "$*" >>`+calls+`
case "$*" in
--version) echo podman version 4.3.1 ;;
*'--format json --all') echo '[{"Id":"a","Names":["w"],"State":"paused","Status":"Paused"},{"Id":"b","State":"exited","Status":"Exited (0)"},{"Id":"c","State":"stopping","Status":"Up"}]' ;;
esac`)
	// Its ps leaves out what is paused.
	lines, err := podman.List(context.Background(), false)
	if err != nil || len(lines) != 2 || lines[0].State != "paused" || lines[1].State != "running" || podman.Engine() != Podman {
		t.Errorf("%+v, %v", lines, err)
	}
	if lines, err := podman.List(context.Background(), true); err != nil || len(lines) != 3 {
		t.Errorf("%+v, %v", lines, err)
	}
	docker := fake(t, `echo "$*" >>`+calls+`.docker; echo '{"ID":"a","Name":"w","State":"paused","Status":"Up (Paused)","By":"*formatter.ContainerContext"}'`)
	if lines, err := docker.List(context.Background(), false); err != nil || len(lines) != 1 || docker.Engine() != Docker {
		t.Errorf("%+v, %v", lines, err)
	}
	if said, err := os.ReadFile(calls + ".docker"); err != nil || strings.Count(string(said), "\n") != 1 {
		t.Errorf("%s, %v", said, err)
	}
}

func FuzzPodman(f *testing.F) {
	files, _ := filepath.Glob("testdata/podman-*/*")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if n, err := parsePodmanEvent(data); err == nil && (n.Action == "" || n.ID == "" || n.Time.Unix() <= 0 || value.Clean(n.Name) != n.Name) {
			t.Errorf("%+v", n)
		}
		parsePodmanPs(data)
		parsePodmanStats(data)
		// What is in docker's form stays so.
		once := podmanInspect(data)
		if twice := podmanInspect(once); string(twice) != string(once) {
			t.Errorf("%s, then %s", once, twice)
		}
		parseInspect(once)
		parseSetups(once)
	})
}
