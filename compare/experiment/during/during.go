// Package during runs a command on this host while something else goes on, and then ends it with everything that it has
// started, in whatever session or process group that is.
package during

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"haltscope/compare/value"
)

// Load is a command that runs under a supervisor of its own. See [Supervise].
type Load struct {
	text       string // the command, for errors
	supervisor *exec.Cmd
	stderr     tail
	over       chan struct{} // closed when the command has ended; processes that it has started may go on
	failure    string        // how the command failed; "" if it did not; to be read after over
	ended      chan struct{} // closed when the supervisor has ended, and everything else with it
	err        error         // of the supervisor; to be read after ended
}

// tailSize is how many bytes a tail keeps.
const tailSize = 1024

// tail keeps the end of what is written to it. It may be read while the supervisor still writes.
type tail struct {
	mu   sync.Mutex
	last []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	t.last = t.last[max(0, len(t.last)-tailSize):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return value.Clean(strings.TrimSpace(strings.ToValidUTF8(string(t.last), "")))
}

// Start starts a command, without a shell.
func Start(argv, environment []string) (*Load, error) {
	if _, err := exec.LookPath(argv[0]); err != nil {
		return nil, err
	}
	report, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	l := &Load{text: value.Clean(strings.Join(argv, " ")), over: make(chan struct{}), ended: make(chan struct{})}
	l.supervisor = &exec.Cmd{
		Path: "/proc/self/exe", Args: append([]string{supervisorName}, argv...), Env: environment,
		Stderr: &l.stderr, ExtraFiles: []*os.File{write},
		// A process that the supervisor does not know may hold standard error. It is not waited for.
		WaitDelay: time.Second,
		// In a process group of its own, the supervisor does not get a Ctrl-C from the terminal. If haltscope is killed, the
		// supervisor gets SIGTERM, and ends everything.
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM},
	}
	err = l.supervisor.Start()
	write.Close()
	if err != nil {
		report.Close()
		return nil, err
	}
	go l.awaitReport(report)
	go l.awaitSupervisor()
	return l, nil
}

// awaitReport reads how the command has ended.
func (l *Load) awaitReport(report io.ReadCloser) {
	defer close(l.over)
	defer report.Close()
	text, err := io.ReadAll(report)
	switch {
	case err != nil:
		l.failure = err.Error()
	case len(text) == 0:
		l.failure = "its supervisor was ended by another process"
	case string(text) != succeeded:
		l.failure = string(text)
	}
}

func (l *Load) awaitSupervisor() {
	defer close(l.ended)
	l.err = l.supervisor.Wait()
	status := l.supervisor.ProcessState.Sys().(syscall.WaitStatus)
	if errors.Is(l.err, exec.ErrWaitDelay) || status.Signaled() && status.Signal() == syscall.SIGTERM {
		l.err = nil // SIGTERM ended the supervisor before it had started anything
	}
}

// Failed returns an error if the command has failed by now. A command that goes on, or that has succeeded and has left other
// processes running, has not failed.
func (l *Load) Failed() error {
	select {
	case <-l.over:
	default:
		return nil
	}
	if l.failure == "" {
		return nil
	}
	if err := l.End(); err != nil { // after it, standard error is complete
		return err
	}
	words := l.stderr.String()
	if words == "" {
		words = "it wrote nothing to standard error"
	}
	return fmt.Errorf("%s: %s (%s)", l.text, value.Clean(l.failure), words)
}

// End ends the command and everything that it has started, and waits until they have ended. It may be called again.
func (l *Load) End() error {
	l.supervisor.Process.Signal(syscall.SIGTERM) // fails if the supervisor has ended
	select {
	case <-l.ended:
	case <-time.After(grace + killLimit + 5*time.Second):
		l.supervisor.Process.Kill() // likewise
		<-l.ended
	}
	if l.err != nil {
		return fmt.Errorf("ending %s and what it has started: %w (%s)", l.text, l.err, l.stderr.String())
	}
	return nil
}
