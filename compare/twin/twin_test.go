package twin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs"
	"haltscope/dockercli"
)

// fakeDocker has containers, and may fail.
type fakeDocker struct {
	listed   [][]dockercli.PsLine // the answers of docker ps, one after the other; the last one stays
	psErr    error                // of the first docker ps
	removeOK bool
	calls    []string
}

func (d *fakeDocker) Ps(context.Context, bool, dockercli.Filter) ([]dockercli.PsLine, error) {
	d.calls = append(d.calls, "ps")
	if err := d.psErr; err != nil {
		d.psErr = nil
		return nil, err
	}
	lines := d.listed[0]
	if len(d.listed) > 1 {
		d.listed = d.listed[1:]
	}
	return slices.Clone(lines), nil
}

func (d *fakeDocker) Do(_ context.Context, id string, a dockercli.Action) (dockercli.Call, error) {
	d.calls = append(d.calls, a.Args(id)[0]+" "+id)
	return dockercli.Call{}, errors.New("cannot thaw it")
}

func (d *fakeDocker) Remove(_ context.Context, names ...string) error {
	d.calls = append(d.calls, "rm "+strings.Join(names, " "))
	if !d.removeOK {
		return errors.New("cannot remove it")
	}
	return nil
}

// noCgroups is a machine without containers.
type noCgroups struct{}

func (noCgroups) Containers() (map[string]*cgroupfs.Group, error) { return nil, nil }

const run = "0123abcd"

func TestRemoveRun(t *testing.T) {
	stop := dockercli.PsLine{ID: "1", Name: Name(run, 1, "stop")}
	pause := dockercli.PsLine{ID: "2", Name: Name(run, 2, "pause"), State: "paused"}
	user := dockercli.PsLine{ID: "3", Name: "web"} // of an image that was committed from a twin
	type lines = []dockercli.PsLine
	for _, c := range []struct {
		name    string
		docker  fakeDocker
		settled []string
		made    []string
		calls   string
	}{
		{"all are known and none is paused", fakeDocker{removeOK: true}, []string{"1", "2"}, nil, "rm 1 2"},
		{"a paused one is thawed first", fakeDocker{removeOK: true, listed: []lines{{stop, pause}, {}}}, nil, nil, "ps, unpause 2, rm 1 2, ps"},
		{"a user's container is left", fakeDocker{removeOK: true, listed: []lines{{user, stop}, {user}}}, nil, nil, "ps, rm 1, ps"},
		{"a renamed twin is removed", fakeDocker{removeOK: true, listed: []lines{{user}, {}}}, nil, []string{"3"}, "ps, rm 3, ps"},
		{"docker ps fails once", fakeDocker{removeOK: true, psErr: errors.New("busy"), listed: []lines{{stop}, {}}}, nil, nil,
			"ps, ps, rm 1, ps"},
		{"the first removal fails, and goes on", fakeDocker{listed: []lines{{stop}, {}}}, []string{"1"}, nil, "rm 1, ps, rm 1, ps"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := RemoveRun(&c.docker, noCgroups{}, run, c.settled, c.made, false); err != nil {
				t.Error(err)
			}
			if got := strings.Join(c.docker.calls, ", "); got != c.calls {
				t.Errorf("%s, want %s", got, c.calls)
			}
		})
	}
}

// A docker run that timed out may make its twin late. What cannot be removed is reported.
func TestRemoveListed(t *testing.T) {
	stop := dockercli.PsLine{ID: "1", Name: Name(run, 1, "stop")}
	docker := fakeDocker{removeOK: true, listed: [][]dockercli.PsLine{{}, {stop}, {}}}
	if err := removeListed(context.Background(), &docker, noCgroups{}, run, nil, 2*listInterval); err != nil {
		t.Error(err)
	}
	if !slices.Contains(docker.calls, "rm 1") {
		t.Errorf("the late twin was left: %v", docker.calls)
	}
	for _, c := range []struct {
		docker fakeDocker
		want   string
	}{
		{fakeDocker{listed: [][]dockercli.PsLine{{stop}}}, "cannot remove it"},
		{fakeDocker{removeOK: true, listed: [][]dockercli.PsLine{{stop}}}, "still lists them"},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		if err := removeListed(ctx, &c.docker, noCgroups{}, run, nil, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

func TestFlags(t *testing.T) {
	for network, want := range map[string]string{"": "none", "net": "net"} {
		flags := Flags(run, "name", network, Owner{boot: "here", Pid: 1})
		at := slices.Index(flags, "--network")
		if at < 0 || flags[at+1] != want || !slices.Contains(flags, OwnerLabel+"=here/0/0/1/0") {
			t.Errorf("%q: %q", network, flags)
		}
	}
}
