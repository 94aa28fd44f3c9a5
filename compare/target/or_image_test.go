package target

import (
	"context"
	"errors"
	"testing"

	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// imageNames are the images of a Docker host.
type imageNames []string

func (all imageNames) ImageInspect(_ context.Context, ref string) (dockercli.Image, error) {
	for _, name := range all {
		if name == ref {
			return dockercli.Image{}, nil
		}
	}
	return dockercli.Image{}, dockercli.ErrNotFound
}

func TestOrImage(t *testing.T) {
	nginx, web, other := &dockercli.NotFoundError{Name: "nginx"}, &dockercli.NotFoundError{Name: "web"}, errors.New("no answer")
	err := OrImage(t.Context(), imageNames{"nginx", "redis"}, errors.Join(nginx, web, other), "haltscope predict --image")
	parts := fault.Parts(err)
	if len(parts) != 3 || !errors.Is(err, dockercli.ErrNotFound) || !errors.Is(err, other) {
		t.Fatalf("%v", err)
	}
	for i, want := range []string{"that is the name of an image: haltscope predict --image nginx", fault.Hint(web), ""} {
		if got := fault.Hint(parts[i]); got != want {
			t.Errorf("%v: %q, want %q", parts[i], got, want)
		}
	}
	if err := OrImage(t.Context(), imageNames{}, nil, ""); err != nil {
		t.Error(err)
	}
}
