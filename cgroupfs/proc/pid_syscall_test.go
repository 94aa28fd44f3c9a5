package proc

import "testing"

func TestParseSyscall(t *testing.T) {
	call, err := parseSyscall([]byte("128 0x4bc320 0x7ffc33237610 0x0 0x8 0x7ffc332374d0 0x0 0x7ffc332375e0 0x4090bf\n"))
	if err != nil || call.Number != 128 || call.Args[0] != 0x4bc320 || call.Args[3] != 8 {
		t.Errorf("%+v, %v", call, err)
	}
	if call, err := parseSyscall([]byte("running\n")); err != nil || !call.Running {
		t.Errorf("%+v, %v", call, err)
	}
	if call, err := parseSyscall([]byte("-1 0x7ffc33237610 0x4090bf\n")); err != nil || call.Number != -1 {
		t.Errorf("%+v, %v", call, err)
	}
	for _, bad := range []string{
		"", "128", "x 0x1 0x2", "128 0x1 0x2", "-1 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8", "1 0x1 0x2 0x3 0x4 0x5 y 0x7 0x8",
	} {
		if call, err := parseSyscall([]byte(bad)); err == nil {
			t.Errorf("%q: %+v", bad, call)
		}
	}
}

func FuzzParseSyscall(f *testing.F) {
	f.Add([]byte("128 0x4bc320 0x7ffc33237610 0x0 0x8 0x7ffc332374d0 0x0 0x7ffc332375e0 0x4090bf\n"))
	f.Add([]byte("running\n"))
	f.Fuzz(func(t *testing.T, data []byte) { parseSyscall(data) })
}
