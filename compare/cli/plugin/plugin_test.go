package plugin

import (
	"bytes"
	"encoding/json"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		argv string
		want Call
	}{
		{"haltscope", Call{}},
		{"/usr/bin/haltscope ps --all", Call{Args: []string{"ps", "--all"}}},
		{"haltscope docker-cli-plugin-metadata", Call{Args: []string{"docker-cli-plugin-metadata"}}},
		{"docker-haltscope docker-cli-plugin-metadata", Call{Plugin: true, Metadata: true}},
		{"/root/.docker/cli-plugins/docker-haltscope haltscope ps --all", Call{Plugin: true, Args: []string{"ps", "--all"}}},
		{"docker-haltscope haltscope", Call{Plugin: true}},
		{"docker-haltscope haltscope inspect haltscope", Call{Plugin: true, Args: []string{"inspect", "haltscope"}}},
		// Without docker.
		{"docker-haltscope ps --all", Call{Args: []string{"ps", "--all"}}},
		{"docker-haltscope --help", Call{Args: []string{"--help"}}},
		{"docker-haltscope", Call{}},
		// docker's flags.
		{"docker-haltscope --context far haltscope ps", Call{Plugin: true, Flags: []string{"--context", "far"}, Args: []string{"ps"}}},
		{"docker-haltscope --context=far -D haltscope ps", Call{Plugin: true, Flags: []string{"--context=far", "-D"}, Args: []string{"ps"}}},
		{"docker-haltscope -H unix:///x.sock --tls haltscope ps -H", Call{Plugin: true, Flags: []string{"-H", "unix:///x.sock", "--tls"},
			Args: []string{"ps", "-H"}}},
		{"docker-haltscope -Hunix:///x.sock haltscope ps", Call{Plugin: true, Flags: []string{"-Hunix:///x.sock"}, Args: []string{"ps"}}},
		{"docker-haltscope -Dc haltscope haltscope ps", Call{Plugin: true, Flags: []string{"-Dc", "haltscope"}, Args: []string{"ps"}}},
		{"docker-haltscope -c", Call{Args: []string{"-c"}}},
		// After a command of docker.
		{`docker-haltscope haltscope docker-cli-plugin-hooks {"RootCmd":"stop"}`, Call{Plugin: true, Hook: `{"RootCmd":"stop"}`}},
		{"docker-haltscope docker-cli-plugin-hooks {}", Call{Args: []string{"docker-cli-plugin-hooks", "{}"}}},
		{"haltscope docker-cli-plugin-hooks {}", Call{Args: []string{"docker-cli-plugin-hooks", "{}"}}},
		// Help.
		{"docker-haltscope help haltscope", Call{Plugin: true, Args: []string{"--help"}}},
		{"docker-haltscope help haltscope stop", Call{Plugin: true, Args: []string{"stop", "--help"}}},
		{"docker-haltscope --help haltscope stop", Call{Plugin: true, Args: []string{"stop", "--help"}}},
		{"docker-haltscope haltscope stop --help", Call{Plugin: true, Args: []string{"stop", "--help"}}},
		// A shell's question.
		{"docker-haltscope __complete haltscope stop w", Call{Plugin: true, Args: []string{"__complete", "stop", "w"}}},
		{"docker-haltscope -c far __completeNoDesc haltscope st",
			Call{Plugin: true, Flags: []string{"-c", "far"}, Args: []string{"__completeNoDesc", "st"}}},
	} {
		got := Parse(strings.Fields(c.argv))
		if len(got.Args) == 0 {
			got.Args = nil
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.argv, diff)
		}
	}
	if got := Parse(nil); len(got.Args) != 0 {
		t.Errorf("no arguments at all: %v", got)
	}
}

func TestMetadata(t *testing.T) {
	var out bytes.Buffer
	if err := Metadata(&out, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	var m map[string]string
	if err := json.Unmarshal(out.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	if m["SchemaVersion"] != "0.1.0" || m["Vendor"] == "" || m["Version"] != "1.2.3" || m["ShortDescription"] == "" {
		t.Errorf("%v", m)
	}
}

func TestDocker(t *testing.T) {
	for name, want := range map[string]string{"": "docker", "docker": "docker", "/opt/docker-28": "/opt/docker-28",
		"/usr/libexec/docker/cli-plugins/docker-haltscope": "docker"} {
		t.Setenv("DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND", name)
		if got := Docker(); got != want {
			t.Errorf("%q: %s", name, got)
		}
	}
}

func TestGone(t *testing.T) {
	t.Setenv(socketEnv, "")
	if Gone() != nil {
		t.Error("no socket, and yet a channel")
	}
	t.Setenv(socketEnv, "@haltscope-test-nobody-listens")
	if Gone() != nil {
		t.Error("nothing listens, but there is a channel")
	}
	listener, err := net.Listen("unix", t.TempDir()+"/docker.sock")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	t.Setenv(socketEnv, listener.Addr().String())
	gone := Gone()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-gone:
		t.Fatal("gone while docker is there")
	default:
	}
	conn.Close()
	<-gone
}
