package identity

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"testing"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/value"
)

func host(t *testing.T) *cgroupfs.Host {
	t.Helper()
	kernel, err := cgroupfs.NewHost()
	if err != nil {
		t.Skip(err)
	}
	return kernel
}

func TestReadOwnProcess(t *testing.T) {
	a := NewReader(host(t), nil).Read(os.Getpid())
	stat, err := proc.ReadStat(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if name, ok := a.Command.Get(); !ok || name != stat.Comm {
		t.Errorf("command %q, wanted %q", name, stat.Comm)
	}
	want := strconv.Itoa(os.Geteuid())
	if u, err := user.LookupId(want); err == nil {
		want = u.Username
	}
	if name, ok := a.User.Get(); !ok || name != want {
		t.Errorf("user %q, wanted %q", name, want)
	}
	if len(a.Parents) == 0 || a.Parents[0].PID != os.Getppid() {
		t.Errorf("parents: %+v", a.Parents)
	}
	if id, ok := a.Container.Get(); ok {
		t.Errorf("container %q", id)
	}
}

// The first argument is shown only if it looks like a subcommand.
func TestCommand(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		want      string
	}{
		{[]string{"sleep", "1000"}, "sleep"},
		{[]string{"tail", "-f", "/dev/null"}, "tail"},
		{[]string{"sh", "-c", "read stop; true", "stop"}, "sh"},
	} {
		command := exec.Command(c.arguments[0], c.arguments[1:]...)
		if _, err := command.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		a := NewReader(host(t), nil).Read(command.Process.Pid)
		if name, ok := a.Command.Get(); !ok || name != c.want {
			t.Errorf("%v: %q", c.arguments, name)
		}
		command.Process.Kill()
		command.Wait()
	}
	for word, want := range map[string]bool{"stop": true, "compose": true, "-9": false, "4711": false, "/etc/shadow": false, "hunter2": false,
		"a-very-long-word-that-is-none": false, "": false} {
		if got := plainWord.MatchString(word); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
}

func TestReadNoProcess(t *testing.T) {
	a := NewReader(host(t), nil).Read(1 << 30)
	for name, m := range map[string]value.Maybe[string]{"command": a.Command, "user": a.User, "container": a.Container, "unit": a.Unit} {
		if m.Reason() != value.Vanished {
			t.Errorf("%s: %+v", name, m)
		}
	}
	if a.Parents == nil || len(a.Parents) != 0 {
		t.Errorf("parents: %v, which must not be null", a.Parents)
	}
}

// A user without a name has a number, and the names are not kept without limit.
func TestUserName(t *testing.T) {
	r := NewReader(host(t), nil)
	for uid := range mostUsers + 10 {
		if name := r.userName(4_000_000 + uid); name != strconv.Itoa(4_000_000+uid) {
			t.Fatal(name)
		}
	}
	if len(r.users) > mostUsers {
		t.Errorf("%d users are kept", len(r.users))
	}
}
