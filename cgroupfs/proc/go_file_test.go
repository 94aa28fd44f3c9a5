package proc

import (
	"debug/elf"
	"strconv"
	"strings"
	"testing"
)

// The signals of a program are read only if its layout is known.
func TestSignalTable(t *testing.T) {
	self, err := elf.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	known := "go1." + strconv.Itoa(lastGo)
	if self.Type == elf.ET_EXEC && self.SectionByType(elf.SHT_SYMTAB) != nil && signalTable(self, known) == 0 {
		t.Error("not found in this program")
	}
	other := *self
	other.Class = elf.ELFCLASS32
	if signalTable(&other, known) != 0 || signalTable(self, "go1."+strconv.Itoa(lastGo+1)) != 0 {
		t.Error("found in a program with an unknown layout")
	}
	for version, want := range map[string]bool{
		"go1.13": true, "go1.26.8": true, "go1.26rc1": true, "go1.26.8 X:nodwarf5": true, "go1.26.8-corp": true,
		"go1.12.17": false, "go1.27": false, "go1": false, "go2.20": false, "devel go1.27-3f2a": false, "": false, "go1.-1": false,
	} {
		if knownLayout(version) != want {
			t.Errorf("%q: %t", version, !want)
		}
	}
}

func TestContains(t *testing.T) {
	long := strings.Repeat("x", 1<<16-5) + "needle" + strings.Repeat("y", 1000)
	if ok, err := contains(strings.NewReader(long), []byte("needle")); !ok || err != nil {
		t.Error(ok, err)
	}
	if ok, err := contains(strings.NewReader(long), []byte("noodle")); ok || err != nil {
		t.Error(ok, err)
	}
}
