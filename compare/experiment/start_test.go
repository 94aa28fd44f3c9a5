package experiment

import (
	"context"
	"errors"
	"slices"
	"testing"

	"haltscope/dockercli"
)

// Whatever happens to one docker run, the twins of the others are known to the clean-up.
func TestStart(t *testing.T) {
	kill, stop := "haltscope-0123abcd-1-kill", "haltscope-0123abcd-2-stop"
	for _, c := range []struct {
		name        string
		failed      map[string]error
		interrupted bool
		made        []string
		givenUp     bool
		err         error
	}{
		{name: "all start", made: []string{"id-" + kill, "id-" + stop}},
		{name: "one fails", failed: map[string]error{stop: errDocker}, made: []string{"id-" + kill}, err: errDocker},
		{name: "one times out", failed: map[string]error{kill: dockercli.ErrTimeout}, made: []string{"id-" + stop}, givenUp: true,
			err: dockercli.ErrTimeout},
		{name: "an interruption lets them finish", interrupted: true, made: []string{"id-" + kill, "id-" + stop}, err: context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if c.interrupted {
				cancel()
			}
			x := &experiment{Options: Options{Actions: []Action{{Verb: "kill"}, {Verb: "stop"}}}, run: "0123abcd", progress: noProgress{}}
			twins, err := x.start(ctx, &fakeDocker{runErr: c.failed}, recipe{image: "nginx"})
			if !errors.Is(err, c.err) {
				t.Fatalf("%v, want %v", err, c.err)
			}
			slices.Sort(x.leftovers.made)
			if !slices.Equal(x.leftovers.made, c.made) || x.leftovers.givenUp != c.givenUp {
				t.Errorf("to be removed: %q, given up: %t", x.leftovers.made, x.leftovers.givenUp)
			}
			if err == nil && (len(twins) != 2 || twins[0].id != "id-"+kill || twins[1].name != stop) {
				t.Errorf("%+v", twins)
			}
		})
	}
}
