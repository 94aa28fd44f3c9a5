package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSwarm deploys the stack on a real swarm, which gets a watcher on each node, and removes it. In the lab, the
// machine's engine is the only node. Elsewhere the test starts two daemons, because it must not change the machine's
// engine.
func TestSwarm(t *testing.T) {
	image, stack := released(t, "haltscope-watch_*.tar"), released(t, "stack.yml")
	var nodes []*daemon
	environment := os.Environ()
	if lab() {
		nodes = []*daemon{{socket: "unix:///var/run/docker.sock"}}
	} else {
		nodes = swarmNodes(t)
		environment = append(environment, "HALTSCOPE_SOCKET="+nodes[0].dir+"/../sockets/{{.Node.ID}}")
	}
	must := func(d *daemon, args ...string) string {
		t.Helper()
		out, err := d.docker(args...)
		if err != nil {
			t.Fatalf("docker %s: %v: %s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(out)
	}
	swarm(t, nodes, must)
	manager := nodes[0]
	for _, d := range nodes {
		must(d, "load", "--quiet", "--input", image)
	}

	deploy := dockerCmd("stack", "deploy", "--resolve-image", "never", "--compose-file", stack, "haltscope")
	deploy.Env = append(environment, "DOCKER_HOST="+manager.socket)
	if out, err := deploy.CombinedOutput(); err != nil {
		t.Fatalf("docker stack deploy: %v: %s", err, out)
	}
	logs := func() string {
		out, _ := manager.docker("service", "logs", "--raw", "haltscope_watch")
		return out
	}
	all := func() string {
		tasks, _ := manager.docker("service", "ps", "--no-trunc", "haltscope_watch")
		return tasks + logs()
	}
	begun := func(n int) func() bool {
		return func() bool { return strings.Count(logs(), `"action":"watch"`) == n }
	}
	eventually(t, "a watcher begins on each node", begun(len(nodes)), all)
	want := fmt.Sprintf("haltscope_watch global %d/%[1]d", len(nodes))
	if got := must(manager, "service", "ls", "--format", "{{.Name}} {{.Mode}} {{.Replicas}}"); got != want {
		t.Errorf("the service is %s, wanted %s", got, want)
	}

	for i, d := range nodes {
		name := fmt.Sprintf("hs-node-%d", i)
		must(d, "run", "--detach", "--network", "none", "--stop-timeout", "1", "--name", name, "haltscope-test/script")
		must(d, "pause", name)
		eventually(t, name+" is reported as paused", func() bool {
			return strings.Contains(logs(), `"name":"`+name+`"},"action":"pause","verdict":"paused"`)
		}, all)
		must(d, "unpause", name)
		must(d, "stop", name)
		must(d, "rm", name)
		eventually(t, "the removal of "+name+" is reported", func() bool { return strings.Contains(logs(), name+": removed") }, all)
		if !strings.Contains(logs(), `"name":"`+name+`"},"action":"stop","verdict":"forced"`) {
			t.Errorf("the end of %s is not reported correctly:\n%s", name, logs())
		}
	}

	// A launcher that is killed takes its watcher with it, and is replaced.
	watchers := func(d *daemon) string {
		return must(d, "ps", "--all", "--quiet", "--filter", "label=haltscope.watcher")
	}
	last := nodes[len(nodes)-1]
	before := watchers(last)
	must(last, "kill", must(last, "ps", "--quiet", "--filter", "label=com.docker.swarm.service.name=haltscope_watch"))
	eventually(t, "a new watcher begins", begun(len(nodes)+1), all)
	if now := watchers(last); now == before || strings.Contains(now, "\n") || now == "" {
		t.Errorf("the watchers of the node were %s, and are now %s", before, now)
	}

	must(manager, "stack", "rm", "haltscope")
	for _, d := range nodes {
		left := func() string {
			return must(d, "ps", "--all", "--format", "{{.Names}} {{.Status}}", "--filter", "name=haltscope")
		}
		eventually(t, "no container is left", func() bool { return left() == "" }, left)
	}
	if left := must(manager, "service", "ls", "--quiet") +
		must(manager, "network", "ls", "--quiet", "--filter", "name=haltscope"); left != "" {
		t.Errorf("the stack has left %s", left)
	}
}

// swarm makes the nodes a swarm, and dissolves it when the test ends.
func swarm(t *testing.T, nodes []*daemon, must func(*daemon, ...string) string) {
	t.Helper()
	// No other test uses these addresses.
	address := func(i int) string { return fmt.Sprintf("127.%d.%d.%d", os.Getpid()>>8&0xff, os.Getpid()&0xff, i+1) }
	var token string
	for i, d := range nodes {
		t.Cleanup(func() {
			d.docker("swarm", "leave", "--force")
			d.docker("network", "rm", "docker_gwbridge")
		})
		args := []string{"--advertise-addr", address(i), "--listen-addr", address(i) + ":2377"}
		if i == 0 {
			must(d, append([]string{"swarm", "init"}, args...)...)
			token = must(d, "swarm", "join-token", "--quiet", "worker")
		} else {
			must(d, append(append([]string{"swarm", "join", "--token", token}, args...), address(0)+":2377")...)
		}
		if d.dir != "" {
			link := filepath.Join(d.dir, "../sockets", must(d, "info", "--format", "{{.Swarm.NodeID}}"))
			if err := os.Symlink(strings.TrimPrefix(d.socket, "unix://"), link); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// swarmNodes starts two daemons with the images of the test.
func swarmNodes(t *testing.T) (nodes []*daemon) {
	t.Helper()
	dir, network := t.TempDir(), newNamespace(t)
	if err := os.Mkdir(filepath.Join(dir, "sockets"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		node := filepath.Join(dir, fmt.Sprint(i))
		if err := os.Mkdir(node, 0o755); err != nil {
			t.Fatal(err)
		}
		d := newDaemonIn(t, network, node)
		d.load(t, "haltscope-test/script")
		nodes = append(nodes, d)
	}
	return nodes
}
