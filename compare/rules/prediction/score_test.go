package prediction

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"haltscope/compare/rules/verdict"
)

// server is a real server that was stopped: the facts before, and what happened. scripts/servers records them.
type server struct {
	Name     string // program, signal and form
	Observed verdict.Kind
	ExitCode int
	Facts    Facts
}

func readServers(t *testing.T) []server {
	t.Helper()
	data, err := os.ReadFile("testdata/servers.json")
	if err != nil {
		t.Fatal(err)
	}
	var recording struct{ Subjects []server }
	if err := json.Unmarshal(data, &recording); err != nil {
		t.Fatal(err)
	}
	return recording.Subjects
}

// TestScore predicts what docker stop does to real servers again, and compares that with what happened. No decided prediction may be
// wrong. The other bounds are the score reached: if it rises, raise them.
func TestScore(t *testing.T) {
	var right, first, among, wrong []string
	for _, s := range readServers(t) {
		o := Predict(s.Facts).Stop
		truth := s.Observed
		text := s.Name + ": " + string(o.Kind) + " " + strings.Trim(strings.Join(strings.Fields(kindsText(o.Candidates)), "|"), "[]") +
			", observed " + string(truth)
		if truth == verdict.FailedStopping && o.Kind == Undecided && o.OwnExitCode {
			truth = verdict.Graceful // the exit code is open as well
		}
		switch {
		case !o.Allows(truth) || !o.AllowsExitCode(s.ExitCode):
			wrong = append(wrong, text)
		case o.Kind != Undecided:
			right = append(right, text)
		case o.likeliest() == truth:
			first = append(first, text)
		default:
			among = append(among, text)
		}
	}
	undecided := len(first) + len(among)
	share := 100 * len(first) / max(1, undecided)
	t.Logf("decided and right %d, decided or excluded and wrong %d, undecided with the truth first %d (%d %%), among the rest %d",
		len(right), len(wrong), len(first), share, len(among))
	for _, text := range wrong {
		t.Error("wrong: ", text)
	}
	for _, text := range among {
		t.Log("not first: ", text)
	}
	if len(right) < wantRight || share < wantFirst {
		t.Errorf("decided and right: %d, was %d; the truth first: %d %%, was %d %%", len(right), wantRight, share, wantFirst)
	}
}

// The score reached.
const (
	wantRight = 474
	wantFirst = 92
)

func kindsText(kinds []verdict.Kind) string {
	var all []string
	for _, k := range kinds {
		all = append(all, string(k))
	}
	slices.Sort(all[min(1, len(all)):])
	return strings.Join(all, " ")
}

// TestRecorded checks that each row of the table that was run is in the recording.
func TestRecorded(t *testing.T) {
	recorded := map[*habit]bool{}
	for _, s := range readServers(t) {
		if p := s.Facts.Target.ProcessFor(s.Facts.Signal); p != nil {
			recorded[habitOf(p)] = true
		}
		recorded[habitOf(&s.Facts.Target.First)] = true
	}
	for i := range habits() {
		if h := &habits()[i]; h.known == run && !recorded[h] {
			t.Errorf("%s is said to be run, but is not in testdata/servers.json", h.programs[0])
		}
	}
}
