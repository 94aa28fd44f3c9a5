package twin

import (
	"strings"
	"testing"

	"haltscope/dockercli"
)

func TestTwinNames(t *testing.T) {
	run := NewRunID()
	if name := Name(run, 12, "restart"); !namedBy(run, "/"+name) || !namedBy(run, "other/link,"+name) || namedBy("0"+run[1:]+"x", name) {
		t.Errorf("%s", name)
	}
	for _, verb := range Actions {
		if !namedBy(run, Name(run, 1, verb)) {
			t.Errorf("%s", verb)
		}
	}
	for _, name := range []string{"", "svc", "haltscope-" + run, "haltscope-" + run + "-1-exec", "haltscope-" + run + "-0-stop",
		"haltscope-" + run + "-1-stop-2", "my-haltscope-" + run + "-1-stop"} {
		if namedBy(run, name) {
			t.Errorf("%q is taken for a twin's", name)
		}
	}
}

// Twins, networks and images that haltscope has certainly made are recognized, and nothing else is.
func TestOwn(t *testing.T) {
	twin := func(name string, labels dockercli.Keys) *dockercli.Container {
		c := &dockercli.Container{Name: name}
		c.Config.Labels = labels
		return c
	}
	image := func(labels dockercli.Keys, names ...string) *dockercli.Image {
		i := &dockercli.Image{RepoTags: names}
		i.Config.Labels = labels
		return i
	}
	network := func(name string, labels dockercli.Keys) *dockercli.Network {
		return &dockercli.Network{Name: name, Labels: labels}
	}
	both := dockercli.Keys{RunLabel: "0123abcd", OwnerLabel: "x"}
	build := strings.Repeat("0123456789abcdef", 4)
	built := dockercli.Keys{BuildLabel: build}
	const name, ref = "/haltscope-0123abcd-1-stop", "haltscope-workload:0123456789ab"
	for _, c := range []struct{ what, got, want string }{
		{"a twin", NotTwin(twin(name, both), image(nil)), ""},
		{"a twin of an image committed from another twin", NotTwin(twin(name, both), image(dockercli.Keys{RunLabel: "99999999"})), ""},
		{"a user's name", NotTwin(twin("/svc", both), image(nil)), "name"},
		{"another run's name", NotTwin(twin("/haltscope-99999999-1-stop", both), image(nil)), "name"},
		{"one label alone", NotTwin(twin(name, dockercli.Keys{RunLabel: "0123abcd"}), image(nil)), "no label"},
		{"its image's labels", NotTwin(twin(name, both), image(both)), "from its image"},
		{"an image that is gone", NotTwin(twin(name, both), nil), "gone"},
		{"a network", NotNetwork(network("haltscope-0123abcd", both)), ""},
		{"a user's network", NotNetwork(network("net", both)), "name"},
		{"a network of no run", NotNetwork(network("haltscope-", dockercli.Keys{RunLabel: "", OwnerLabel: "x"})), "name"},
		{"a network without an owner", NotNetwork(network("haltscope-0123abcd", dockercli.Keys{RunLabel: "0123abcd"})), "no label"},
		{"an image", NotImage(image(built, ref), 1), ""},
		{"podman's name for it", NotImage(image(built, "localhost/"+ref), 1), ""},
		{"an image with another name as well", NotImage(image(built, "user/x:1", ref), 1), ""},
		{"a commit", NotImage(image(built, "user/precious:1"), 2), "name"},
		{"a commit that took the name", NotImage(image(built, ref), 2), "committed"},
		{"an image without a name", NotImage(image(built), 1), "no name"},
		{"a label of no build", NotImage(image(dockercli.Keys{BuildLabel: "0"}, "haltscope-workload:0"), 1), "name"},
		{"another build's name", NotImage(image(built, "haltscope-workload:ffffffffffff"), 1), "name"},
	} {
		if (c.got == "") != (c.want == "") || !strings.Contains(c.got, c.want) {
			t.Errorf("%s: %q, wanted %q", c.what, c.got, c.want)
		}
	}
	if own, others := OwnName(image(built, "user/x:1", ref)); own != ref || len(others) != 1 || others[0] != "user/x:1" {
		t.Errorf("%s, %v", own, others)
	}
}
