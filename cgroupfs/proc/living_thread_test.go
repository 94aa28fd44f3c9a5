package proc

import (
	"os"
	"os/exec"
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc/proctest"
)

// State Z of the first thread is not the end of the process, and the others show what it no longer does.
func TestFirstThreadEnded(t *testing.T) {
	pid := proctest.Start(t, proctest.FirstThreadEnds).Process.Pid
	stat, err := ReadStat(pid)
	if err != nil || !stat.FirstThreadEnded || stat.Ended() || stat.Exiting {
		t.Fatalf("%+v, %v", stat, err)
	}
	if Exe(pid) != Exe(os.Getpid()) {
		t.Errorf("it runs %q", Exe(pid))
	}
	if arguments, state := Cmdline(pid); state != figure.Present || len(arguments) != 1 || arguments[0] != os.Args[0] {
		t.Errorf("%q, %s", arguments, state)
	}
	if variables, state := Environ(pid, proctest.Variable); state != figure.Present ||
		variables[proctest.Variable] != string(proctest.FirstThreadEnds) {
		t.Errorf("%q, %s", variables, state)
	}
	if _, err := entryPoint(pid); err != nil {
		t.Error(err)
	}
	if _, ok, err := Executable(pid, "no-such-file"); ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
	m, err := ReadMember(pid)
	if err != nil || !m.FirstThreadEnded {
		t.Fatalf("%+v, %v", m, err)
	}
	for name, f := range map[string]figure.Figure{"VmRSS": m.VMRSS, "Rss": m.Rollup.Rss, "Pss_Anon": m.Rollup.PssAnon} {
		if v, ok := f.Value(); !ok || v == 0 {
			t.Errorf("%s: %s", name, f)
		}
	}
}

// Neither its threads nor its pidfd say that the process has ended.
func TestFirstThreadEndedLives(t *testing.T) {
	pid := proctest.Start(t, proctest.FirstThreadEnds).Process.Pid
	if _, err := ReadGo(pid); err != nil {
		t.Error(err)
	}
	if _, err := ReadSignalFDs(pid); err != nil {
		t.Error(err)
	}
	if _, err := TmpfsMounts(pid); err != nil {
		t.Error(err)
	}
	if variables, state := Environ(pid, proctest.Variable); state != figure.Present ||
		variables[proctest.Variable] != string(proctest.FirstThreadEnds) {
		t.Errorf("%q, %s", variables, state)
	}
	if _, _, err := Executable(pid, "none"); err != nil {
		t.Error(err)
	}
	threads, err := ReadThreads(pid)
	if err != nil || len(threads) < 2 || threads[0].TID != pid || !threads[0].Ended() || threads[1].Ended() {
		t.Errorf("%+v, %v", threads, err)
	}
	p, err := OpenProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if p.Ended() {
		t.Error("its pidfd says that it has ended")
	}
}

// A zombie has ended.
func TestZombieEnded(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	awaitState(t, cmd.Process.Pid, 'Z')
	stat, err := ReadStat(cmd.Process.Pid)
	if err != nil || stat.FirstThreadEnded || !stat.Ended() {
		t.Errorf("%+v, %v", stat, err)
	}
}
