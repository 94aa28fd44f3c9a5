package trace

import (
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Messages of Linux 6.18 on amd64, without the netlink header.
const (
	answerMessage = "0100000001000000 0000000001000000 28000000 0000000000000000 " +
		"4911e31c9a000000 00000000000000000000000000000000 0000000000000000"
	// A shell, process 21331, starts process 21332, which returns 3, and process 21339, which ends by SIGKILL.
	forkMessage = "0100000001000000 534f000000000000 28000000 0100000001000000 " +
		"1c1e55cbc6000000 53530000535300005453000054530000 0000000000000000"
	exitMessage = "0100000001000000 554f000000000000 28000000 0000008001000000 " +
		"64045dccc6000000 54530000545300000003000011000000 5353000053530000"
	killedMessage = "0100000001000000 584f000000000000 28000000 0000008001000000 " +
		"a2f2c6ccc6000000 5b5300005b5300000900000011000000 5353000053530000"
	// Process 32671 executes a program, which names itself with prctl(PR_SET_NAME).
	execMessage = "0100000001000000 7a82100000000000 28000000 0200000000000000 " +
		"a356fb608a030000 9f7f00009f7f00000000000000000000 0000000000000000"
	nameMessage = "0100000001000000 fada0e0000000000 28000000 0002000001000000 " +
		"8b0f69648a030000 9f7f00009f7f000072656e616d656400 0000000000000000"
)

func message(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// open opens a tap. Only root may have one.
func open(t testing.TB) *Processes {
	t.Helper()
	p, err := OpenProcesses()
	switch {
	case err != nil && os.Geteuid() != 0:
		t.Skip("this needs root: ", err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// seen collects the events of a tap.
type seen struct {
	tap *Processes
	all []Event
}

// await waits for an event that is wanted, or has been reported before.
func (s *seen) await(t *testing.T, wanted func(Event) bool) Event {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if i := slices.IndexFunc(s.all, wanted); i >= 0 {
			return s.all[i]
		}
		events, err := s.tap.Take()
		if err != nil {
			t.Fatal(err)
		}
		s.all = append(s.all, events...)
	}
	t.Fatal("no such event")
	return Event{}
}

// The kernel reports how each process ended, and tells a SIGKILL from an exit code of 137.
func TestExit(t *testing.T) {
	events := seen{tap: open(t)}
	for _, c := range []struct {
		script string
		status unix.WaitStatus
	}{
		{"exit 0", 0},
		{"exit 3", 0x300},
		{"exit 137", 0x8900},
		{"kill -KILL $$", unix.WaitStatus(unix.SIGKILL)},
		{"kill -TERM $$", unix.WaitStatus(unix.SIGTERM)},
	} {
		command := exec.Command("sh", "-c", c.script)
		before := Now()
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		pid := command.Process.Pid
		birth := events.await(t, func(e Event) bool { return e.What == Fork && e.PID == pid })
		if birth.Parent != unix.Getpid() || birth.TID != pid {
			t.Errorf("%s: fork: %+v", c.script, birth)
		}
		_ = command.Wait() // the status is compared below
		end := events.await(t, func(e Event) bool { return e.What == Exit && e.PID == pid && e.TID == pid })
		if end.Status != c.status || uint32(end.Status) != uint32(command.ProcessState.Sys().(syscall.WaitStatus)) {
			t.Errorf("%s: status %#x, wanted %#x", c.script, uint32(end.Status), uint32(c.status))
		}
		if after := Now(); birth.At < before || end.At < birth.At || end.At > after {
			t.Errorf("%s: between %v and %v: born %v, ended %v", c.script, before, after, birth.At, end.At)
		}
	}
}

// A new program has its own name, which is read while it runs.
func TestName(t *testing.T) {
	events := seen{tap: open(t)}
	command := exec.Command("sleep", "1000")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
	})
	if e := events.await(t, func(e Event) bool { return e.What == Exec && e.PID == command.Process.Pid }); e.Name != "sleep" {
		t.Errorf("%+v", e)
	}
	if name := comm(1 << 30); name != "" {
		t.Errorf("no such process: %q", name)
	}
}

// Taps of one program do not disturb each other.
func TestTwoTaps(t *testing.T) {
	one := open(t)
	other, err := OpenProcesses()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("true")
	if err := command.Run(); err != nil {
		t.Fatal(err)
	}
	(&seen{tap: one}).await(t, func(e Event) bool { return e.What == Exit && e.PID == command.Process.Pid })
}

// A thread is no process.
func TestNewThreads(t *testing.T) {
	p := open(t)
	command := exec.Command("sh", "-c", "exit 0")
	if err := command.Run(); err != nil {
		t.Fatal(err)
	}
	events, err := p.Take()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.What == Fork && e.PID != e.TID {
			t.Errorf("%+v", e)
		}
	}
}

// What is not taken is not kept without limit, and that is said.
func TestMostEvents(t *testing.T) {
	p := &Processes{}
	for range mostEvents + 1 {
		p.add(&Event{What: Exit}, nil)
	}
	events, err := p.Take()
	if len(events) != mostEvents || err == nil {
		t.Errorf("%d events, %v", len(events), err)
	}
	if events, err := p.Take(); len(events) != 0 || err == nil {
		t.Errorf("%d events, %v: the loss is remembered", len(events), err)
	}
}

func TestParseEvent(t *testing.T) {
	const header = "0100000001000000 0000000007000000 28000000"
	for name, c := range map[string]struct {
		message string
		event   Event
		ok      bool
		err     error
	}{
		"answer": {answerMessage, Event{What: answer, At: 661909606729}, true, nil},
		"fork":   {forkMessage, Event{What: Fork, PID: 21332, TID: 21332, Parent: 21331, At: 853814877724}, true, nil},
		"exit":   {exitMessage, Event{What: Exit, PID: 21332, TID: 21332, Status: 0x300, At: 853832172644}, true, nil},
		"killed": {killedMessage, Event{What: Exit, PID: 21339, TID: 21339, Status: 9, At: 853839114914}, true, nil},
		"refused": {header + "00000000 00000000 0000000000000000 01000000 000000000000000000000000",
			Event{What: answer, request: 6, refused: unix.EPERM}, true, nil},
		"exec":            {execMessage, Event{What: Exec, PID: 32671, TID: 32671, At: 3892867454627}, true, nil},
		"name":            {nameMessage, Event{What: Comm, PID: 32671, TID: 32671, Name: "renamed", At: 3892924977035}, true, nil},
		"cut name":        {nameMessage[:len(nameMessage)-17], Event{}, false, errShort},
		"another kind":    {header + "00010000 00000000 0000000000000000 01000000 000000000000000000000000", Event{}, false, nil},
		"another channel": {"0200000001000000" + answerMessage[len("0100000001000000"):], Event{}, false, nil},
		"empty":           {"", Event{}, false, errShort},
		"cut":             {exitMessage[:len(exitMessage)-19], Event{}, false, errShort},
	} {
		e, ok, err := parseEvent(message(t, c.message))
		if ok && e != c.event || ok != c.ok || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %v, %v", name, e, ok, err)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, seed := range []string{answerMessage, forkMessage, execMessage, nameMessage, exitMessage, killedMessage} {
		f.Add(message(f, seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, ok, err := parseEvent(data)
		if ok && err != nil {
			t.Errorf("%+v, %v", e, err)
		}
		if ok && !slices.Contains([]What{answer, Fork, Exec, Comm, Exit}, e.What) {
			t.Errorf("%+v", e)
		}
	})
}
