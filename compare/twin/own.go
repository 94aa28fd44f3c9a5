package twin

import (
	"fmt"
	"strings"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

// What is haltscope's own. Labels alone do not tell: docker commit hands a container's labels on to the image, the image
// hands them on to its containers, and anybody may write one. So a twin has haltscope's form of name as well, and an image
// the name that haltscope has given it and no step of its own. Anything else is its user's.

// twinName is the name of the nth twin of a run.
func Name(run string, n int, verb string) string {
	return fmt.Sprintf("haltscope-%s-%d-%s", run, n, verb)
}

// twinForm is the form of those names.
var twinForm = value.Pattern(`^haltscope-([0-9a-f]{8})-[1-9][0-9]*-(?:` + strings.Join(Actions, "|") + `)$`)

// namedBy reports whether a container's name is that of a twin of a run. names are several where others link to it.
func namedBy(run, names string) bool {
	for name := range strings.SplitSeq(names, ",") {
		if form := twinForm().FindStringSubmatch(strings.TrimPrefix(name, "/")); form != nil && form[1] == run {
			return true
		}
	}
	return false
}

// networkName is the name of a run's network.
func NetworkName(run string) string { return "haltscope-" + run }

// runForm is the form of a run's id.
var runForm = value.Pattern(`^[0-9a-f]{8}$`)

// notTwin returns the reason to leave the container alone, or "" if it is a twin. image is nil if it no longer exists.
func NotTwin(c *dockercli.Container, image *dockercli.Image) string {
	run := c.Config.Labels.Own("run")
	switch {
	case !namedBy(run, c.Name):
		return "its name is not that of a twin with its label " + RunLabel
	case !c.Config.Labels.Has(OwnerLabel):
		return "it has no label " + OwnerLabel
	case image == nil:
		return "its image is gone, so whether its labels are its own is not known"
	case image.Config.Labels.Own("run") == run:
		return "it has its labels from its image, which was committed from a twin"
	}
	return ""
}

// notNetwork returns the reason to leave the network alone, or "" if it is a run's.
func NotNetwork(n *dockercli.Network) string {
	run := n.Labels.Own("run")
	switch {
	case !runForm().MatchString(run) || n.Name != NetworkName(run):
		return "its name is not that of a network with its label " + RunLabel
	case !n.Labels.Has(OwnerLabel):
		return "it has no label " + OwnerLabel
	}
	return ""
}

const (
	// buildLabel is carried by the images made of haltscope's executable; its value is the executable's SHA-256.
	BuildLabel = "haltscope.build"
	// workloadImage is the name of those images. Their tags are the beginnings of that SHA-256.
	workloadImage = "haltscope-workload"
)

var buildForm = value.Pattern(`^[0-9a-f]{64}$`)

// workloadRef is the name and tag of the image of a build.
func workloadRef(build string) string { return workloadImage + ":" + build[:12] }

// ownName is the name that haltscope has given an image with buildLabel, and those that others have; "" where it has none
// of haltscope's.
func OwnName(image *dockercli.Image) (own string, others []string) {
	build := image.Config.Labels.Own("build")
	for _, name := range image.RepoTags {
		if buildForm().MatchString(build) && strings.TrimPrefix(name, "localhost/") == workloadRef(build) { // podman's names
			own = name
		} else {
			others = append(others, name)
		}
	}
	return own, others
}

// notImage returns the reason to leave the image alone, which was made in so many steps, or "" if haltscope made it.
func NotImage(image *dockercli.Image, steps int) string {
	own, _ := OwnName(image)
	switch {
	case own == "" && len(image.RepoTags) == 0:
		return "it has no name"
	case own == "":
		return "it does not have the name that haltscope gives to its build"
	case steps != 1:
		return "it was built on haltscope's image, or committed from a twin"
	}
	return ""
}
