package proc

import (
	"bytes"
	"debug/dwarf"
	"debug/elf"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// notify builds testdata/notify, which asks for TERM and USR2.
func notify(t *testing.T, goarch string, flags ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "notify")
	build := exec.Command("go", append(append([]string{"build", "-o", program}, flags...), "./testdata/notify")...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOARCH="+goarch)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build.Args, err, out)
	}
	return program
}

// The signals that a program has asked for are read with symbols and without, wherever it is loaded, and for 32 bits.
func TestReadGoLayouts(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the code of runtime.sigsend is known for amd64")
	}
	for name, c := range map[string]struct {
		goarch string
		flags  []string
		known  bool
	}{
		"amd64":                        {"amd64", nil, true},
		"amd64, stripped":              {"amd64", []string{"-ldflags=-s -w"}, true},
		"amd64, loaded anywhere":       {"amd64", []string{"-buildmode=pie"}, true},
		"the same, stripped":           {"amd64", []string{"-buildmode=pie", "-ldflags=-s -w"}, true},
		"amd64, without optimizations": {"amd64", []string{"-gcflags=runtime=-N", "-ldflags=-s -w"}, true},
		"386":                          {"386", nil, true},
		"386, stripped":                {"386", []string{"-ldflags=-s -w"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			run := exec.Command(notify(t, c.goarch, c.flags...))
			out, err := run.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := run.Start(); errors.Is(err, unix.ENOEXEC) {
				t.Skip("this kernel does not run i386 programs")
			} else if err != nil {
				t.Fatal(err)
			}
			defer func() { run.Process.Kill(); run.Wait() }()
			if _, err := io.ReadFull(out, make([]byte, len("ready\n"))); err != nil {
				t.Fatal(err)
			}
			g, err := ReadGo(run.Process.Pid)
			switch {
			case err != nil || g.Notify == nil || !*g.Notify:
				t.Errorf("%+v, %v", g, err)
			case (g.Wanted != nil) != c.known:
				t.Errorf("wanted %v", g.Wanted)
			case c.known && *g.Wanted != 1<<(unix.SIGTERM-1)|1<<(unix.SIGUSR2-1):
				t.Errorf("wanted %x", *g.Wanted)
			}
		})
	}
}

// The layout of runtime.sig is what the compiler says it is.
func TestSigLayouts(t *testing.T) {
	for goarch, known := range map[string]bool{
		"amd64": true, "386": true, "arm64": true, "arm": true, "riscv64": true, "s390x": true,
	} {
		file, err := elf.Open(notify(t, goarch))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		data, err := file.DWARF()
		if err != nil {
			t.Fatal(err)
		}
		address, wanted := signalTable(file, functionTable(file), "go1.26")
		if (address != 0) != known {
			t.Fatalf("%s: runtime.sig at %#x", goarch, address)
		}
		layout := sigLayouts[file.Class]
		sig := sigType(t, data)
		for name, offset := range map[string]uint64{"mask": layout.mask, "wanted": wanted, "delivering": layout.delivering} {
			for _, field := range sig.Field {
				if field.Name == name && uint64(field.ByteOffset) != offset {
					t.Errorf("%s: %s is at %d, not at %d", goarch, name, field.ByteOffset, offset)
				}
			}
		}
		if uint64(sig.ByteSize) != layout.size {
			t.Errorf("%s: %d bytes", goarch, sig.ByteSize)
		}
	}
}

// sigType returns the type of the variable runtime.sig.
func sigType(t *testing.T, data *dwarf.Data) *dwarf.StructType {
	t.Helper()
	for r := data.Reader(); ; {
		entry, err := r.Next()
		if err != nil || entry == nil {
			t.Fatalf("no runtime.sig: %v", err)
		}
		if entry.Tag != dwarf.TagVariable || entry.Val(dwarf.AttrName) != "runtime.sig" {
			continue
		}
		of, err := data.Type(entry.Val(dwarf.AttrType).(dwarf.Offset))
		sig, ok := of.(*dwarf.StructType)
		if err != nil || !ok {
			t.Fatalf("%v, %v", of, err)
		}
		return sig
	}
}

// The code of runtime.sigsend as Debian's Go 1.19.8 builds it for amd64, recorded with the addresses that its symbols name.
func TestSigsendRecorded(t *testing.T) {
	const begin, sig = 0x448660, 0x55f960
	code, err := os.ReadFile("testdata/sigsend/go1.19-amd64")
	if err != nil {
		t.Fatal(err)
	}
	layout := sigLayouts[elf.ELFCLASS64]
	if got := layout.base(addresses(code, begin)); got != sig {
		t.Errorf("runtime.sig at %#x, wanted %#x", got, sig)
	}
	if got := layout.base(addresses(append(code, code...), begin)); got != 0 {
		t.Errorf("two tables: %#x", got)
	}
	if got := layout.base(addresses(code[:len(code)/4], begin)); got != 0 {
		t.Errorf("without all fields: %#x", got)
	}
}

// A function table comes from a container: whatever it says, it is read within bounds.
func FuzzFindFunction(f *testing.F) {
	f.Add(bytes.Repeat([]byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}, 20))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, length, ok := findFunction(io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data))), "runtime.sigsend", 0x401000)
		if ok && (length == 0 || length > maxFunctionSize) {
			t.Errorf("%d bytes", length)
		}
	})
}

func FuzzAddresses(f *testing.F) {
	f.Add([]byte("\x48\x8d\x15\x71\x8c\x14\x00"), uint64(0x460b1c))
	f.Fuzz(func(t *testing.T, code []byte, begin uint64) { sigLayouts[elf.ELFCLASS64].base(addresses(code, begin)) })
}
