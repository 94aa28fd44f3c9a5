package proc

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A process that is gone has no pending SIGKILL and no waits; that a process could not be read is an error.
func TestUnreadProcess(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if file, err := KillPending(cmd.Process.Pid); file != "" || err != nil {
		t.Errorf("%q, %v", file, err)
	}
	if waits, err := UninterruptibleWaits(cmd.Process.Pid); waits != nil || err != nil {
		t.Errorf("%v, %v", waits, err)
	}
	if file, err := KillPending(os.Getpid()); file != "" || err != nil {
		t.Errorf("%q, %v", file, err)
	}
	if waits, err := UninterruptibleWaits(os.Getpid()); len(waits) > 0 || err != nil {
		t.Errorf("%v, %v", waits, err)
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "task/42/stat"), 0o700); err != nil { // which cannot be read as a file
		t.Fatal(err)
	}
	if _, err := uninterruptibleWaits(42, filepath.Join(dir, "task")); err == nil {
		t.Error("a thread that cannot be read")
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := uninterruptibleWaits(42, filepath.Join(dir, "file")); err == nil {
		t.Error("threads that cannot be listed")
	}
	if _, err := killPending(42, Status{}, errors.New("denied")); err == nil {
		t.Error("a status that cannot be read")
	}
}
