package host

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// unfit reports whether an error says that the host is not fit, and its text.
func unfit(err error) (bool, string) {
	var e *fault.UnfitError
	return errors.As(err, &e), fmt.Sprint(err)
}

func TestDaemonError(t *testing.T) {
	interrupted, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name  string
		ctx   context.Context
		err   error
		unfit bool
		text  string
	}{
		{"no binary", context.Background(), dockercli.ErrNoBinary, true, "the docker binary cannot be run: no docker binary"},
		{"no daemon", context.Background(), dockercli.ErrNoDaemon, true, "the docker daemon cannot be reached: no docker daemon answers"},
		{"no answer", context.Background(), dockercli.ErrTimeout, true, "the docker daemon does not answer: no answer"},
		{"a useless answer", context.Background(), errors.New("not JSON"), true,
			"the docker daemon's answer to `docker ps` cannot be used: not JSON"},
		{"not started", context.Background(), dockercli.ErrNotStarted, false, "docker could not be started"},
		{"interrupted", interrupted, dockercli.ErrNoDaemon, false, "no docker daemon answers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := DaemonError(c.ctx, dockercli.New(dockercli.Options{Path: "/no/such/docker"}), c.err, "docker ps")
			if got, text := unfit(err); got != c.unfit || text != c.text {
				t.Errorf("unfit: %t, %q", got, text)
			}
			if (fault.Hint(err) != "") != c.unfit || !errors.Is(err, c.err) {
				t.Errorf("hint %q of %v", fault.Hint(err), err)
			}
		})
	}
}

func TestCheckEngine(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*dockercli.Info)
		unfit  bool
	}{
		{"fit", func(*dockercli.Info) {}, false},
		{"rootless", func(i *dockercli.Info) { i.SecurityOptions = []string{"name=rootless"} }, true},
		{"no cgroups", func(i *dockercli.Info) { i.CgroupDriver = "none" }, true},
		{"another kernel", func(i *dockercli.Info) { i.KernelVersion = "4.19.0-elsewhere" }, true},
	} {
		info := dockercli.Info{CgroupDriver: "systemd", KernelVersion: Release()}
		c.change(&info)
		if got, text := unfit(checkEngine(&info)); got != c.unfit {
			t.Errorf("%s: %s", c.name, text)
		}
	}
}

func TestLocateError(t *testing.T) {
	for _, c := range []struct {
		err   error
		unfit bool
	}{
		{&cgroupfs.NotInContainerError{}, true},
		{fmt.Errorf("process 7: %w", cgroupfs.ErrOutside), true},
		{errors.New("no such file"), false},
	} {
		if got, text := unfit(LocateError(c.err)); got != c.unfit || !errors.Is(LocateError(c.err), c.err) {
			t.Errorf("%s: unfit: %t", text, got)
		}
	}
}

func TestDockerOnly(t *testing.T) {
	if err := DockerOnly(document.Host{Engine: string(dockercli.Docker)}, "watch", "it has no events"); err != nil {
		t.Error(err)
	}
	if got, text := unfit(DockerOnly(document.Host{Engine: string(dockercli.Podman)}, "watch", "it has no events")); !got {
		t.Error(text)
	}
}
