package action

import "testing"

// TestTurns checks that a turn is for one at a time, and that giving it back twice does not make another.
func TestTurns(t *testing.T) {
	all := make(turns, 2)
	first, second := all.take(), all.take()
	if len(all) != 2 {
		t.Fatalf("%d turns are taken", len(all))
	}
	taken := make(chan func())
	go func() { taken <- all.take() }()
	select {
	case <-taken:
		t.Fatal("a third turn of two")
	default:
	}
	first()
	third := <-taken
	first()
	if len(all) != 2 {
		t.Errorf("%d turns are taken after one was given back twice", len(all))
	}
	second()
	third()
	if len(all) != 0 {
		t.Errorf("%d turns are left", len(all))
	}
}
