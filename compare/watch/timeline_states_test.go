package watch

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTransitions checks that the tables have one row at most for an input in a state, and that no input is without a row.
func TestTransitions(t *testing.T) {
	seen := map[[2]int]bool{}
	known := map[input]bool{none: true, eventDestroy: true, inspectTooEarly: true} // they change no run
	for _, row := range runTransitions {
		known[row.input] = true
		for _, state := range row.in {
			at := [2]int{int(row.input), int(state)}
			if seen[at] {
				t.Errorf("input %d in state %d has two rows", row.input, state)
			}
			seen[at] = true
			if row.next == state && row.next != confirming {
				t.Errorf("input %d in state %d: say same", row.input, state)
			}
		}
	}
	clear(seen)
	for _, row := range freezerTransitions {
		known[row.input] = true
		for _, state := range row.in {
			at := [2]int{int(row.input), int(state)}
			if seen[at] {
				t.Errorf("input %d in freezer state %d has two rows", row.input, state)
			}
			seen[at] = true
		}
	}
	for in := none; in < inputs; in++ {
		if !known[in] {
			t.Errorf("input %d has no row", in)
		}
	}
}

// agrees reports whether what is known of a run agrees with its state.
func (r *run) agrees() bool {
	started, hasEnd, hasExited := !r.started.IsZero(), r.end != nil, r.exitedAt != nil
	switch r.state {
	case unseen:
		return !started && !hasEnd
	case running:
		return started && !hasEnd && !hasExited
	case exited:
		return !hasEnd && hasExited
	case ended:
		return hasEnd && !r.end.written
	case provisional:
		return r.provisionalLine != nil && r.confirmation == nil
	case confirming:
		return r.provisionalLine != nil && r.confirmation != nil && !r.confirmation.written
	}
	return r.provisionalLine == nil
}

// checkStates panics if what is known of a run contradicts its state.
func checkStates(tl *Timeline) {
	for _, r := range tl.runs() {
		if !r.agrees() {
			panic(fmt.Sprintf("this contradicts the state of the run: %+v", r))
		}
	}
}

// TestTimelineIsPure checks that the timeline's files read no clock, no file and no process, and start no goroutine.
func TestTimelineIsPure(t *testing.T) {
	files, err := filepath.Glob("timeline*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, impure := range []string{"time.Now", "time.Since", "time.Until", "time.After(", "\"os\"", "\"io\"", "\"context\"", "\"sync\"",
			"go func", "cgroupfs.Open", "cgroupfs.Read", "target.Read", "dockercli.Client"} {
			if bytes.Contains(text, []byte(impure)) {
				t.Errorf("%s has %s", file, impure)
			}
		}
	}
}
