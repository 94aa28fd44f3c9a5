package proc

import (
	"os"
	"testing"
)

func TestOpenFiles(t *testing.T) {
	before, ok := OpenFiles().Value()
	if !ok || before < 3 {
		t.Fatalf("%+v", OpenFiles())
	}
	const more, others = 100, 10 // the garbage collector may close some of other tests, and the runtime open some of its own
	for range more {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
	}
	if now, ok := OpenFiles().Value(); !ok || now+others < before+more || now > before+more+others {
		t.Errorf("%d, then %d with %d more", before, now, more)
	}
}
