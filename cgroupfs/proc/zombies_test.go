package proc

import (
	"os"
	"os/exec"
	"slices"
	"testing"
)

// A child that has ended and was not waited for is a zombie of its parent; one that runs is none.
func TestZombies(t *testing.T) {
	sleep, ended := exec.Command("sleep", "60"), exec.Command("true")
	for _, cmd := range []*exec.Cmd{sleep, ended} {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	defer func() { sleep.Process.Kill(); sleep.Wait() }()
	awaitState(t, ended.Process.Pid, 'Z')
	parents := []int{os.Getpid(), sleep.Process.Pid}
	if counts, err := Zombies(parents); err != nil || counts[os.Getpid()] != 1 || len(counts) != 1 {
		t.Errorf("%v, %v", counts, err)
	}
	ended.Wait()
	if counts, err := Zombies(parents); err != nil || len(counts) != 0 {
		t.Errorf("after it was waited for: %v, %v", counts, err)
	}
}

// The processes of this test's PID namespace are found by its number.
func TestPIDNamespaces(t *testing.T) {
	own, ok := OwnNamespace("pid").Value()
	all, err := PIDNamespaces()
	if !ok || err != nil || !slices.Contains(all[own], os.Getpid()) {
		t.Errorf("namespace %d: %v, %v", own, all[own], err)
	}
	if n, ok := PIDNamespace(os.Getpid()).Value(); !ok || n != own {
		t.Errorf("%d instead of %d", n, own)
	}
	if f := PIDNamespace(1 << 30); f.State().String() == "present" {
		t.Errorf("an impossible PID: %s", f)
	}
}
