package experiment

import (
	"slices"
	"strings"
	"testing"
)

func TestRecipe(t *testing.T) {
	listening := probePlan{port: 8080, network: "haltscope-1", arguments: []string{"--listen", "8080"}}
	for _, c := range []struct {
		name    string
		x       *experiment
		probes  probePlan
		command string
		network string
		flags   string
	}{
		{"plain", &experiment{image: image{reference: "nginx", command: []string{"sleep", "1"}}}, probePlan{}, "sleep 1", "", ""},
		{"options", &experiment{Options: Options{Init: true, Memory: "64m", Network: "net"}}, probePlan{}, "", "net",
			"--init --memory 64m --memory-swap 64m"},
		{"the workload, probed", &experiment{image: image{command: []string{"--anon", "0"}, embedded: true}}, listening,
			"--anon 0 --listen 8080", "haltscope-1", "--publish 127.0.0.1::8080"},
		{"a service, after the flags of the container", &experiment{Options: Options{Service: Service{Env: []string{"A=1"}, User: "2",
			Volumes: []string{"/v", "x:/y:ro"}, Mounts: []string{"type=tmpfs,target=/m"}, Tmpfs: []string{"/t"}, Publish: []string{"80"},
			AddHosts: []string{"db:192.0.2.1"}}}, image: image{like: &like{flags: []string{"--user", "1"}}}}, probePlan{}, "", "bridge",
			"--user 1 --mount type=tmpfs,target=/m --volume /v --volume x:/y:ro --tmpfs /t --publish 80 --add-host db:192.0.2.1 --user 2"},
		{"a service on a network", &experiment{Options: Options{Network: "net", Service: Service{Publish: []string{"80"}}}}, probePlan{}, "",
			"net", "--publish 80"},
		{"like a container", &experiment{Options: Options{Init: true}, image: image{like: &like{flags: []string{"--user", "1"}}}}, probePlan{},
			"", "", "--user 1 --init"},
	} {
		r := c.x.recipe(c.probes)
		if got := strings.Join(r.command, " "); got != c.command {
			t.Errorf("%s: command %q, want %q", c.name, got, c.command)
		}
		if got := strings.Join(r.flags, " "); got != c.flags || r.network != c.network || r.image != c.x.image.reference {
			t.Errorf("%s: %q on %q, want %q on %q", c.name, got, r.network, c.flags, c.network)
		}
	}
	// The flags of the container are not changed by a recipe.
	l := &like{flags: slices.Grow([]string{"--tty"}, 8)}
	x := experiment{image: image{like: l}, Options: Options{Init: true}}
	if x.recipe(probePlan{}); l.flags[:cap(l.flags)][1] != "" {
		t.Errorf("%q", l.flags[:cap(l.flags)])
	}
}
