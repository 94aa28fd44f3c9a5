package proc

import (
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// An executable that cannot be read does not show that its program was not built by Go.
func TestReadGoUnread(t *testing.T) {
	withoutDescriptors(t, func() {
		if _, err := ReadGo(os.Getpid()); !errors.Is(err, unix.EMFILE) || errors.Is(err, ErrNotGo) {
			t.Error(err)
		}
	})
}

// The test is a Go program itself, and links os/signal.
func TestReadGo(t *testing.T) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR2)
	defer signal.Stop(c)
	g, err := ReadGo(os.Getpid())
	if err != nil || !strings.HasPrefix(g.Version, "go") && !strings.HasPrefix(g.Version, "devel") {
		t.Fatalf("%+v, %v", g, err)
	}
	if g.Notify == nil || !*g.Notify {
		t.Errorf("Notify %v", g.Notify)
	}
	if g.Wanted != nil && (!g.Wanted.Has(unix.SIGUSR2) || g.Wanted.Has(unix.SIGHUP)) {
		t.Errorf("wanted %x", *g.Wanted)
	}
	// Its memory is read each time, its file once.
	reads := goFiles.reads
	d := make(chan os.Signal, 1)
	signal.Notify(d, syscall.SIGWINCH)
	defer signal.Stop(d)
	again, err := ReadGo(os.Getpid())
	if err != nil || again.Version != g.Version || again.Notify != g.Notify || (again.Wanted == nil) != (g.Wanted == nil) {
		t.Errorf("%+v, %v", again, err)
	}
	if again.Wanted != nil && !again.Wanted.Has(unix.SIGWINCH) {
		t.Errorf("wanted %x", *again.Wanted)
	}
	if goFiles.reads != reads {
		t.Errorf("its file was read %d more times", goFiles.reads-reads)
	}
}
