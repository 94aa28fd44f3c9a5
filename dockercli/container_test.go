package dockercli

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseInspect(t *testing.T) {
	found, err := parseInspect([]byte(`[{"Id":"x","Image":"sha256:1",
		"Config":{"User":"1","StopSignal":"SIGQUIT","StopTimeout":3,"Env":["A=secret"],"Cmd":["a","b"],"Entrypoint":null},
		"HostConfig":{"PidMode":"host","Init":true,"RestartPolicy":{"Name":"always","MaximumRetryCount":0},"AutoRemove":true,
		"Tmpfs":{"/t":"size=1m"},"Mounts":[{"Type":"volume","Target":"/v"},{"Type":"tmpfs","Target":"/plain"},
		{"Type":"tmpfs","Target":"/t2","TmpfsOptions":{"SizeBytes":1048576,"Mode":1005}}],"PidsLimit":null,"CpuQuota":50000},
		"Mounts":[{"Type":"bind","Source":"/a","Destination":"/b","RW":false}],"State":{"Status":"running","Health":{"Status":"healthy"}}}]`))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	c := found[0]
	if c.ID != "x" || c.Config.StopSignal != "SIGQUIT" || *c.Config.StopTimeout != 3 || !*c.HostConfig.Init ||
		c.HostConfig.CPUQuota != 50000 || c.State.Health.Status != "healthy" || len(c.Mounts) != 1 {
		t.Errorf("%+v", c)
	}
	if got := strings.Join(c.HostConfig.TmpfsOptions("/t2"), " "); got != "tmpfs-size=1048576 tmpfs-mode=1755" {
		t.Errorf("%s", got)
	}
	if got := c.HostConfig.TmpfsOptions("/plain"); len(got) > 0 {
		t.Errorf("%q", got)
	}
	if strings.Contains(fmt.Sprintf("%+v", c), "secret") {
		t.Error("environment variables were decoded")
	}
	if _, err := parseInspect([]byte(`{`)); err == nil {
		t.Error("nonsense was understood")
	}
}

// What docker does not say about a container's state is not taken for no.
func TestNullState(t *testing.T) {
	for text, ok := range map[string]bool{
		`[]`: true,
		`[{"Id":"a","State":{"Status":"running","Running":true,"Pid":7},"Config":{"Labels":null,"StopTimeout":null}}]`: true,
		`[{"Id":"a"}]`:                                              false,
		`[{"Id":"a","State":null}]`:                                 false,
		`[{"Id":"a","State":{"Status":null}}]`:                      false,
		`[{"Id":"a","State":{"Status":"running","Running":null}}]`:  false,
		`[{"Id":"a","State":{"Status":"running","Pid":null}}]`:      false,
		`[{"Id":"a","State":{"Status":"exited","ExitCode":null}}]`:  false,
		`[{"Id":"a","State":{"Status":"exited","OOMKilled":"no"}}]`: false,
		`[{"Id":"a","State":{"Status":"exited","StartedAt":null}}]`: false,
		`[{"Id":"a","State":{"Status":"running","Health":null}}]`:   true,
		`[{"Id":"","State":{"Status":"running"}}]`:                  false,
	} {
		if _, err := parseInspect([]byte(text)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestContainerNames(t *testing.T) {
	if got := (&Container{Name: "/w\x1beb"}).DisplayName(); got != "w␛eb" {
		t.Errorf("%q", got)
	}
	anonymous := strings.Repeat("0123456789abcdef", 4)
	for name, m := range map[string]Mount{"named": {Type: "volume", Name: "data"}, "bind": {Type: "bind", Name: anonymous}} {
		if m.Anonymous() {
			t.Errorf("%s is taken for anonymous", name)
		}
	}
	if !(&Mount{Type: "volume", Name: anonymous}).Anonymous() {
		t.Error("an anonymous volume is not recognized")
	}
}
