package experiment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// A second docker inspect distinguishes a twin that has ended from one on another machine.
func TestExplainNotFound(t *testing.T) {
	running, ended := dockercli.State{Pid: 42, Running: true}, dockercli.State{ExitCode: 3}
	noProcess := fmt.Errorf("process 42: %w", proc.ErrNoProcess)
	for _, c := range []struct {
		name   string
		state  dockercli.State // by the first docker inspect
		err    error
		docker fakeDocker
		unfit  bool
		want   string
	}{
		{"it had ended already", ended, proc.ErrNoProcess, fakeDocker{}, false, "exit code 3 (its last line: last words)"},
		{"it has ended meanwhile", running, noProcess, fakeDocker{containers: map[string]dockercli.Container{"id": inState(ended)}},
			false, "exit code 3"},
		{"its PID is another process's by now", running, &cgroupfs.NotInContainerError{},
			fakeDocker{containers: map[string]dockercli.Container{"id": inState(ended)}}, false, "exit code 3"},
		{"it runs elsewhere", running, noProcess, fakeDocker{containers: map[string]dockercli.Container{"id": inState(running)}}, true, ""},
		{"its cgroup is another container's", running, &cgroupfs.NotInContainerError{},
			fakeDocker{containers: map[string]dockercli.Container{"id": inState(running)}}, true, ""},
		{"docker gives no answer", running, noProcess, fakeDocker{inspectErr: errDocker}, false, errDocker.Error()},
		{"its cgroup cannot be read", running, fs.ErrPermission, fakeDocker{}, false, "permission denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := explainNotFound(context.Background(), &c.docker, image{reference: "image"}, "id", c.state, c.err)
			var unfit *fault.UnfitError
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.As(err, &unfit) != c.unfit {
				t.Errorf("%v, want %q, unfit: %t", err, c.want, c.unfit)
			}
		})
	}
	if text := endedAtOnce(image{reference: "image"}, 0, "").Error(); !strings.Contains(text, "it wrote nothing") {
		t.Error(text)
	}
	if hint := fault.Hint(endedAtOnce(image{embedded: true}, 2, "")); !strings.Contains(hint, "haltscope workload --help") {
		t.Error(hint)
	}
}

// A program may print its variables: the line that a message quotes hides their values.
func TestLastLineWithoutSecrets(t *testing.T) {
	environment := dockercli.Environment{}.With([]string{"WORDS=words"}, nil)
	if line := lastLine(t.Context(), withoutSecrets{&fakeDocker{}, environment}, "id"); line != "last $WORDS" {
		t.Errorf("%q", line)
	}
}
