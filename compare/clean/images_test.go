package clean

import (
	"context"
	"errors"
	"strings"
	"testing"

	"haltscope/compare/twin"
	"haltscope/dockercli"
)

// imageEngine has one image.
type imageEngine struct {
	engine
	image      dockercli.Image
	inspectErr error
	steps      int
	users      []dockercli.PsLine
	untagErr   error
	afterUntag []string // the image's names then; nil if it is gone
	untagged   string
}

func (e *imageEngine) Images(context.Context, string) ([]string, error) { return []string{"id"}, nil }

func (e *imageEngine) ImageInspect(context.Context, string) (dockercli.Image, error) {
	if e.untagged != "" {
		if e.afterUntag == nil {
			return dockercli.Image{}, dockercli.ErrNotFound
		}
		return dockercli.Image{RepoTags: e.afterUntag}, nil
	}
	return e.image, e.inspectErr
}

func (e *imageEngine) HistorySteps(context.Context, string) (int, error) { return e.steps, nil }

func (e *imageEngine) Ps(context.Context, bool, dockercli.Filter) ([]dockercli.PsLine, error) {
	return e.users, nil
}

func (e *imageEngine) Untag(_ context.Context, name string) error {
	e.untagged = name
	return e.untagErr
}

func TestImages(t *testing.T) {
	build := strings.Repeat("0123456789abcdef", 4)
	const own = "haltscope-workload:0123456789ab"
	failed := errors.New("no answer")
	web, db := dockercli.PsLine{Name: "web"}, dockercli.PsLine{Name: "db"}
	for _, c := range []struct {
		name     string
		names    []string
		steps    int
		doubtful int
		docker   imageEngine
		removed  int
		inUse    int
		reason   string // why it is left; "" if it is not listed
		err      error
	}{
		{name: "it is removed", names: []string{own}, steps: 1, removed: 1},
		{name: "another run may need it", names: []string{own}, steps: 1, doubtful: 1, inUse: 1},
		{name: "a user's image, while another run goes on", names: []string{"web:1"}, steps: 2, doubtful: 1, reason: "does not have the name"},
		{name: "a container is made from it", names: []string{own}, steps: 1, docker: imageEngine{users: []dockercli.PsLine{web}},
			reason: "container web was created from it"},
		{name: "two containers are", names: []string{own}, steps: 1, docker: imageEngine{users: []dockercli.PsLine{web, db}},
			reason: "and 1 more"},
		{name: "it has another name as well", names: []string{own, "web:1"}, steps: 1, reason: "haltscope removed its own name from it"},
		{name: "another client was faster", docker: imageEngine{inspectErr: dockercli.ErrNotFound}},
		{name: "docker gives no answer", docker: imageEngine{inspectErr: failed}, reason: "no answer", err: failed},
		{name: "another client removes it meanwhile", names: []string{own}, steps: 1, docker: imageEngine{untagErr: failed}},
		{name: "another client untags it meanwhile", names: []string{own, "web:1"}, steps: 1,
			docker: imageEngine{untagErr: failed, afterUntag: []string{"web:1"}}},
		{name: "docker fails", names: []string{own}, steps: 1, docker: imageEngine{untagErr: failed, afterUntag: []string{own}}, err: failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			docker := &c.docker
			docker.steps, docker.image.RepoTags = c.steps, c.names
			docker.image.Config.Labels = dockercli.Keys{twin.BuildLabel: build}
			cleaning := cleaning{docker: docker, doubtful: c.doubtful}
			if err := cleaning.images(context.Background()); !errors.Is(err, c.err) {
				t.Errorf("%v, want %v", err, c.err)
			}
			done := cleaning.done
			if done.Images != c.removed || done.ImagesInUse != c.inUse || docker.untagged != "" && docker.untagged != own {
				t.Errorf("%d removed, %d in use, untagged %q", done.Images, done.ImagesInUse, docker.untagged)
			}
			reason := ""
			for _, l := range done.Left {
				reason += l.Reason
			}
			if (reason == "") != (c.reason == "") || !strings.Contains(reason, c.reason) {
				t.Errorf("left: %q, want %q", reason, c.reason)
			}
		})
	}
}
