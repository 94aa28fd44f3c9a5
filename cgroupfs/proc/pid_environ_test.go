package proc

import (
	"maps"
	"os/exec"
	"testing"
	"time"

	"haltscope/cgroupfs/figure"
)

// Only the variables that are asked for are kept, empty ones too.
func TestParseEnviron(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"PATH=/bin\x00A=1\x00B=\x00": {"A": "1", "B": ""},
		"A=x=y\x00A=2":               {"A": "x=y"},
		"AB=1\x00=A=3\x00\x00A":      {},
		"":                           {},
	} {
		if got := parseEnviron([]byte(text), []string{"A", "B"}); !maps.Equal(got, want) {
			t.Errorf("%q: %v, wanted %v", text, got, want)
		}
	}
}

func FuzzParseEnviron(f *testing.F) {
	f.Add([]byte("PATH=/bin\x00A=1\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for name := range parseEnviron(data, []string{"A"}) {
			if name != "A" {
				t.Errorf("%q", name)
			}
		}
	})
}

func TestEnviron(t *testing.T) {
	sleep := exec.Command("sleep", "1000")
	sleep.Env = []string{"SECRET=x", "TINI_KILL_PROCESS_GROUP=1"}
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { sleep.Process.Kill(); sleep.Wait() }()
	got, state := Environ(sleep.Process.Pid, "TINI_KILL_PROCESS_GROUP", "PATH")
	for deadline := time.Now().Add(time.Minute); len(got) == 0 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		// The kernel sets the environment late in execve.
		got, state = Environ(sleep.Process.Pid, "TINI_KILL_PROCESS_GROUP", "PATH")
	}
	if state != figure.Present || !maps.Equal(got, map[string]string{"TINI_KILL_PROCESS_GROUP": "1"}) {
		t.Errorf("%v, %s", got, state)
	}
	if got, state := Environ(1<<22+1, "PATH"); state != figure.Vanished || len(got) != 0 {
		t.Errorf("%v, %s", got, state)
	}
}
