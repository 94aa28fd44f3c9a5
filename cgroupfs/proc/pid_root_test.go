package proc

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A script is found below the working directory of the process, through links, and only if it can be run.
func TestExecutable(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"run": 0o755, "text": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("run", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	sleep := exec.Command("sleep", "1000")
	sleep.Dir = dir
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { sleep.Process.Kill(); sleep.Wait() }()
	for name, want := range map[string]bool{"run": true, "link": true, "text": false, "none": false, ".": false} {
		file, got, err := Executable(sleep.Process.Pid, name)
		if err != nil || got != want || file != filepath.Join(dir, name) {
			t.Errorf("%s: %s, %t, %v", name, file, got, err)
		}
	}
	if _, _, err := Executable(1<<22+1, "run"); !errors.Is(err, ErrNoProcess) {
		t.Error(err)
	}
}

// A file is read as the process sees it, up to a bound, and only if it is a regular one.
func TestReadBelowRoot(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "text"), []byte("::sysinit:true\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(filepath.Join(dir, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	for bound, want := range map[int64]string{100: "::sysinit:true\n", 5: "::sys"} {
		if got, err := ReadBelowRoot(os.Getpid(), filepath.Join(dir, "text"), bound); err != nil || string(got) != want {
			t.Errorf("%d: %q, %v", bound, got, err)
		}
	}
	if err := os.Symlink("/proc/version", filepath.Join(dir, "kernel")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fifo", ".", "kernel"} {
		if got, err := ReadBelowRoot(os.Getpid(), filepath.Join(dir, name), 100); err == nil || errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := ReadBelowRoot(os.Getpid(), filepath.Join(dir, "none"), 100); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := ReadBelowRoot(1<<22+1, "/none", 100); !errors.Is(err, ErrNoProcess) {
		t.Error(err)
	}
}
