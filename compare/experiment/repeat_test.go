package experiment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// docOf is the document of one run of some actions.
func docOf(actions []Action) *document.Compare {
	doc := &document.Compare{}
	for _, a := range actions {
		doc.Arms = append(doc.Arms, document.Arm{Action: a.text, Runs: make([]document.Run, 1)})
	}
	return doc
}

// The order of the actions rotates, and the report keeps the order that was asked for.
func TestRepeatRotates(t *testing.T) {
	actions := []Action{{text: "kill"}, {text: "stop"}, {text: "pause"}}
	var orders, steps []string
	once := func(_ context.Context, o Options, progress Progress) (*document.Compare, error, error) {
		order := ""
		for _, a := range o.Actions {
			order += a.text + " "
		}
		orders = append(orders, strings.TrimSpace(order))
		progress.Step("run", 0)()
		return docOf(o.Actions), nil, nil
	}
	doc, err := repeat(context.Background(), Options{Actions: actions, Repeat: 4}, noProgress{&steps}, once)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"kill stop pause", "stop pause kill", "pause kill stop", "kill stop pause"}
	if strings.Join(orders, ", ") != strings.Join(want, ", ") {
		t.Errorf("%q, want %q", orders, want)
	}
	if len(steps) != 4 || steps[3] != "run 4 of 4: run" {
		t.Errorf("%q", steps)
	}
	for i, places := range []string{"1 3 2 1 ", "2 1 3 2 ", "3 2 1 3 "} {
		arm, got := doc.Arms[i], ""
		for n, run := range arm.Runs {
			got += fmt.Sprint(run.Position, " ")
			if run.Repeat != n+1 {
				t.Errorf("%s: run %d is numbered %d", arm.Action, n+1, run.Repeat)
			}
		}
		if arm.Action != actions[i].text || got != places {
			t.Errorf("%s: places %s, want %s", arm.Action, got, places)
		}
	}
	if r := doc.Repeats; r.Requested != 4 || r.Completed != 4 || r.Interrupted {
		t.Errorf("%+v", r)
	}
}

// result is what one run returns.
type result struct {
	complete, interrupts bool
	err, cleanUpErr      error
}

// A failed run does not lose the others; an interruption, and twins that cannot be removed, end the repetition.
func TestRepeatFailures(t *testing.T) {
	failed := errors.New("failed")
	ok := result{complete: true}
	for _, c := range []struct {
		name        string
		runs        []result
		calls       int
		done        int // −1 for no report
		failed      int
		err         error
		interrupted bool
	}{
		{"all succeed", []result{ok, ok, ok}, 3, 3, 0, nil, false},
		{"one fails", []result{ok, {err: failed}, ok}, 3, 2, 1, failed, false},
		{"the first fails", []result{{err: failed}, ok, ok}, 3, 2, 1, failed, false},
		{"one fails in part", []result{ok, {complete: true, err: failed}, ok}, 3, 3, 0, failed, false},
		{"all fail", []result{{err: failed}, {err: failed}, {err: failed}}, 3, -1, 0, failed, false},
		{"the image does not exist", []result{{err: dockercli.ErrNotFound}}, 1, -1, 0, dockercli.ErrNotFound, false},
		{"the host is unfit", []result{{err: &fault.UnfitError{What: "unfit", Err: failed}}}, 1, -1, 0, failed, false},
		{"twins are left", []result{{complete: true, cleanUpErr: failed}}, 1, 1, 0, failed, false},
		{"it is interrupted", []result{ok, {complete: true, interrupts: true, err: context.Canceled}}, 2, 1, 0, fault.ErrInterrupted, true},
		{"it is interrupted at once", []result{{interrupts: true}}, 1, -1, 0, fault.ErrInterrupted, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			calls := 0
			once := func(_ context.Context, o Options, _ Progress) (*document.Compare, error, error) {
				r := c.runs[calls]
				calls++
				if r.interrupts {
					cancel()
				}
				if !r.complete {
					return nil, r.err, r.cleanUpErr
				}
				return docOf(o.Actions), r.err, r.cleanUpErr
			}
			doc, err := repeat(ctx, Options{Actions: []Action{{text: "stop"}}, Repeat: 3}, noProgress{}, once)
			if calls != c.calls || !errors.Is(err, c.err) {
				t.Errorf("%d runs, %v, want %d, %v", calls, err, c.calls, c.err)
			}
			if doc == nil {
				if c.done >= 0 {
					t.Error("no report")
				}
				return
			}
			if r := doc.Repeats; r.Completed != c.done || len(r.Failed) != c.failed || r.Interrupted != c.interrupted {
				t.Errorf("%+v", r)
			}
		})
	}
}

// The proofs are made once, in the first run that can.
func TestRepeatProvesOnce(t *testing.T) {
	var asked []bool
	once := func(_ context.Context, o Options, _ Progress) (*document.Compare, error, error) {
		asked = append(asked, o.Prove)
		if len(asked) == 1 {
			return nil, errDocker, nil
		}
		doc := docOf(o.Actions)
		if o.Prove {
			doc.Proofs = []document.Proof{{}}
		}
		return doc, nil, nil
	}
	doc, _ := repeat(context.Background(), Options{Actions: []Action{{text: "pause"}}, Repeat: 3, Prove: true}, noProgress{}, once)
	if doc == nil || len(doc.Proofs) != 1 || fmt.Sprint(asked) != "[true true false]" {
		t.Errorf("%v", asked)
	}
}
