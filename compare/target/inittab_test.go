package target

import "testing"

func TestShutdownActions(t *testing.T) {
	for text, want := range map[string]int{
		"":                                      0,
		"::sysinit:true\n::respawn:/app\n":      0,
		"::shutdown:/bin/umount -a -r\n":        1,
		"  ::shutdown:/a\nnull::shutdown:/b:c":  2,
		"# ::shutdown:/a\n::shutdown\n":         0,
		"::respawn:/app ::shutdown:/a\n":        0,
		"id:5:shutdown:/a\n::ctrlaltdel:/b\r\n": 1,
	} {
		if got := shutdownActions([]byte(text)); got != want {
			t.Errorf("%q: %d, wanted %d", text, got, want)
		}
	}
}

// FuzzShutdownActions reads an inittab, which a container may fill with anything.
func FuzzShutdownActions(f *testing.F) {
	f.Add("# id:runlevels:action:process\n::sysinit:/etc/init.d/rcS\n::shutdown:/sbin/swapoff -a\n")
	f.Fuzz(func(t *testing.T, text string) {
		alone, twice := shutdownActions([]byte(text)), shutdownActions([]byte(text+"\n::shutdown:/a\n"))
		if alone < 0 || twice != alone+1 {
			t.Errorf("%q: %d, and %d with one more", text, alone, twice)
		}
	})
}
