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
	for range 5 {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
	}
	if now, ok := OpenFiles().Value(); !ok || now != before+5 {
		t.Errorf("%d, then %d with 5 more", before, now)
	}
}
