package twin

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Labels alone do not show what haltscope has made: docker commit copies a container's labels to the image, the image passes
// them on to its containers, and anybody may write one. So a twin must also have haltscope's form of name, and an image the name
// that haltscope gave it, and one layer. Anything else belongs to the user.

// Name is the name of the nth twin of a run.
func Name(run string, n int, verb value.Verb) string {
	return fmt.Sprintf("haltscope-%s-%d-%s", run, n, verb)
}

// Actions are the verbs that a twin's name may end with.
var Actions = []value.Verb{value.Kill, value.Stop, value.Pause, value.Restart, value.Remove}

// namePattern matches the names of twins: run, number, verb.
var namePattern = value.Pattern(`^haltscope-([0-9a-f]{8})-[1-9][0-9]*-([a-z]+)$`)

// Named reports whether a name has the form of a twin's.
func Named(name string) bool { return runOf(name) != "" }

// runOf returns the run in the name of a twin; "" for another name.
func runOf(name string) string {
	match := namePattern().FindStringSubmatch(strings.TrimPrefix(name, "/"))
	if match == nil || !slices.Contains(Actions, value.Verb(match[2])) {
		return ""
	}
	return match[1]
}

// OfRun is the filter for what a run has made.
func OfRun(run string) dockercli.Filter {
	return dockercli.Filter{Labels: []string{RunLabel + "=" + run}}
}

// namedBy reports whether a container's name is that of a twin of a run. docker ps lists several names, separated by commas, for
// a container that others link to.
func namedBy(run, names string) bool {
	for name := range strings.SplitSeq(names, ",") {
		if of := runOf(name); of != "" && of == run {
			return true
		}
	}
	return false
}

// NetworkName is the name of a run's network.
func NetworkName(run string) string { return "haltscope-" + run }

// runPattern matches the id of a run.
var runPattern = value.Pattern(`^[0-9a-f]{8}$`)

// NotTwin returns the reason to leave the container alone, or "" if it is a twin. image is nil if it does not exist any more.
func NotTwin(c *dockercli.Container, image *dockercli.Image) string {
	run := c.Config.Labels.Own("run")
	switch {
	case !namedBy(run, c.Name):
		return "its name does not match its label " + RunLabel
	case !c.Config.Labels.Has(OwnerLabel):
		return "it has no label " + OwnerLabel
	case image == nil:
		return "its image is gone, so its labels may come from the image"
	case image.Config.Labels.Own("run") == run:
		return "its labels come from its image, which was committed from a twin"
	}
	return ""
}

// NotNetwork returns the reason to leave the network alone, or "" if a run has made it.
func NotNetwork(n *dockercli.Network) string {
	run := n.Labels.Own("run")
	switch {
	case !runPattern().MatchString(run) || n.Name != NetworkName(run):
		return "its name does not match its label " + RunLabel
	case !n.Labels.Has(OwnerLabel):
		return "it has no label " + OwnerLabel
	}
	return ""
}

const (
	// BuildLabel is on the images made from haltscope's executable. Its value is the executable's SHA-256.
	BuildLabel = "haltscope.build"
	// workloadImage is the name of those images. Their tags are the first digits of that SHA-256.
	workloadImage = "haltscope-workload"
)

// buildPattern matches a SHA-256.
var buildPattern = value.Pattern(`^[0-9a-f]{64}$`)

// workloadRef is the name and the tag of the image of a build.
func workloadRef(build string) string { return workloadImage + ":" + value.ShortID(build) }

// OwnName returns the name that haltscope gave an image with [BuildLabel], "" if it does not have it any more, and all other
// names of the image.
func OwnName(image *dockercli.Image) (own string, others []string) {
	build := image.Config.Labels.Own("build")
	for _, name := range image.RepoTags {
		if buildPattern().MatchString(build) && strings.TrimPrefix(name, "localhost/") == workloadRef(build) { // podman adds localhost/
			own = name
		} else {
			others = append(others, name)
		}
	}
	return own, others
}

// NotImage returns the reason to leave the image alone, or "" if haltscope has made it. steps is the length of its history.
func NotImage(image *dockercli.Image, steps int) string {
	own, _ := OwnName(image)
	switch {
	case own == "" && len(image.RepoTags) == 0:
		return "it has no name"
	case own == "":
		return "it does not have the name that haltscope gives to its build"
	case steps != 1:
		return "it was built from haltscope's image, or committed from a twin"
	}
	return ""
}
