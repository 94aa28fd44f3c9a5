package compare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// load is a command that runs on the host while a twin is stopped.
type load struct {
	argv   []string
	cmd    *exec.Cmd
	ended  chan struct{}
	err    error // how it ended; read after ended
	stderr tailBuffer
}

// tailBuffer keeps the last of what is written to it.
type tailBuffer struct{ last []byte }

func (t *tailBuffer) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	t.last = t.last[max(0, len(t.last)-1024):]
	return len(p), nil
}

// startLoad starts the command of --during. It learns the twin from its environment.
func (x *experiment) startLoad(ctx context.Context) error {
	if len(x.During) == 0 {
		return nil
	}
	a := x.arms[0]
	l := &load{argv: x.During, ended: make(chan struct{})}
	l.cmd = exec.CommandContext(ctx, x.During[0], x.During[1:]...)
	l.cmd.Env = append(os.Environ(), "HALTSCOPE_TWIN="+a.id, "HALTSCOPE_TWIN_PID="+strconv.Itoa(a.Before.State.Pid))
	l.cmd.Stderr = &l.stderr
	l.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	l.cmd.Cancel = func() error { return syscall.Kill(-l.cmd.Process.Pid, syscall.SIGTERM) }
	l.cmd.WaitDelay = 2 * time.Second
	if err := l.cmd.Start(); err != nil {
		return fault.WithHint(fmt.Errorf("starting the command of --during: %w", err),
			"it is run without a shell, and its words are parted at blanks: for more, name a script")
	}
	x.load = l
	go func() { l.err = l.cmd.Wait(); close(l.ended) }()
	return nil
}

// failedEarly is the error of a load that was over, with a failure, before the stop.
func (l *load) failedEarly() error {
	select {
	case <-l.ended:
	default:
		return nil
	}
	if l.err == nil {
		return nil
	}
	words := dockercli.Clean(strings.TrimSpace(string(bytes.ToValidUTF8(l.stderr.last, nil))))
	return fmt.Errorf("the command of --during failed before the stop, so there was no load: %s: %w (%s)", dockercli.Clean(strings.Join(l.argv, " ")), l.err, orNothing(words))
}

// end ends the load, its whole process group, and waits for that.
func (l *load) end() {
	select {
	case <-l.ended:
		return
	default:
	}
	syscall.Kill(-l.cmd.Process.Pid, syscall.SIGTERM)
	select {
	case <-l.ended:
	case <-time.After(2 * time.Second):
		syscall.Kill(-l.cmd.Process.Pid, syscall.SIGKILL)
		<-l.ended
	}
}

// checkLoad looks right before the stop whether the load goes on.
func (x *experiment) checkLoad(context.Context) error {
	if x.load == nil {
		return nil
	}
	return x.load.failedEarly()
}

var errNotStopped = errors.New("there was nothing to stop")
