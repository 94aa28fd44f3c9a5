package proc

import (
	"strings"
	"testing"
	"testing/iotest"
)

// The versions of Go whose layout is known.
func TestKnownLayout(t *testing.T) {
	for version, want := range map[string]bool{
		"go1.13": true, "go1.26.8": true, "go1.26rc1": true, "go1.26.8 X:nodwarf5": true, "go1.26.8-corp": true,
		"go1.12.17": false, "go1.27": false, "go1": false, "go2.20": false, "devel go1.27-3f2a": false, "": false, "go1.-1": false,
	} {
		if knownLayout(version) != want {
			t.Errorf("%q: %t", version, !want)
		}
	}
}

func TestFind(t *testing.T) {
	long := strings.Repeat("x", 1<<16-5) + "needle" + strings.Repeat("y", 1000)
	if at, err := find(strings.NewReader(long), []byte("needle")); at != 1<<16-5 || err != nil {
		t.Error(at, err)
	}
	if at, err := find(iotest.OneByteReader(strings.NewReader("xxneedle")), []byte("needle")); at != 2 || err != nil {
		t.Error(at, err)
	}
	if at, err := find(strings.NewReader(long), []byte("noodle")); at != -1 || err != nil {
		t.Error(at, err)
	}
}
