package proc

import "testing"

func TestBootID(t *testing.T) {
	first, err := BootID()
	if err != nil || len(first) != 36 {
		t.Errorf("%q, %v", first, err)
	}
	if again, err := BootID(); err != nil || again != first {
		t.Errorf("%q, then %q, %v", first, again, err)
	}
}
