// Package during runs a command on this host while something else goes on, and ends it then with all that it has started,
// whatever session or process group that is in.
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

// Load is a command that runs, below a supervisor of its own: see [Supervise].
type Load struct {
	words      string
	supervisor *exec.Cmd
	stderr     tail
	over       chan struct{} // the command has ended; what it has started may run on
	failure    string        // how, where it failed; read after over
	ended      chan struct{} // the supervisor has ended, and with it all the rest
	err        error         // of the supervisor; read after ended
}

// tail keeps the end of what is written to it. It is read while the supervisor may still write.
type tail struct {
	mu   sync.Mutex
	last []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	t.last = t.last[max(0, len(t.last)-1024):]
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
	l := &Load{words: value.Clean(strings.Join(argv, " ")), over: make(chan struct{}), ended: make(chan struct{}),
		supervisor: &exec.Cmd{Path: "/proc/self/exe", Args: append([]string{supervisorName}, argv...), Env: environment,
			ExtraFiles: []*os.File{write},
			// What has got hold of standard error by other ways than birth is not waited for.
			WaitDelay: time.Second,
			// Its own process group, so that a Ctrl-C on the terminal reaches haltscope alone. Should haltscope be killed, it is told
			// to end everything.
			SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}}}
	l.supervisor.Stderr = &l.stderr
	err = l.supervisor.Start()
	write.Close()
	if err != nil {
		report.Close()
		return nil, err
	}
	go func() {
		defer close(l.over)
		defer report.Close()
		text, err := io.ReadAll(report)
		switch {
		case err != nil:
			l.failure = err.Error()
		case len(text) == 0:
			l.failure = "its supervisor was ended by somebody else"
		case string(text) != succeeded:
			l.failure = string(text)
		}
	}()
	go func() {
		defer close(l.ended)
		l.err = l.supervisor.Wait()
		early := l.supervisor.ProcessState.Sys().(syscall.WaitStatus)
		if errors.Is(l.err, exec.ErrWaitDelay) || early.Signaled() && early.Signal() == syscall.SIGTERM {
			l.err = nil // it was told to end before it had begun anything: see Supervise
		}
	}()
	return l, nil
}

// Failed is the error of a command that has failed by now. One that goes on, or that has ended well and has left other
// processes behind, has not.
func (l *Load) Failed() error {
	select {
	case <-l.over:
	default:
		return nil
	}
	if l.failure == "" {
		return nil
	}
	if err := l.End(); err != nil { // all that it has written is there then
		return err
	}
	words := l.stderr.String()
	if words == "" {
		words = "it wrote nothing to standard error"
	}
	return fmt.Errorf("%s: %s (%s)", l.words, value.Clean(l.failure), words)
}

// End ends the command, and all that it has started, and waits for that. To call it again does no harm.
func (l *Load) End() error {
	l.supervisor.Process.Signal(syscall.SIGTERM) // fails where it has ended
	select {
	case <-l.ended:
	case <-time.After(grace + patience + 5*time.Second):
		l.supervisor.Process.Kill()
		<-l.ended
	}
	if l.err != nil {
		return fmt.Errorf("ending %s and what it has started: %w (%s)", l.words, l.err, l.stderr.String())
	}
	return nil
}
