package proc

import (
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// i386 is a program for i386 that blocks SIGTERM and waits for it in rt_sigtimedwait, call 177 there.
func i386(t *testing.T) string {
	t.Helper()
	const at, head = 0x08048000, 52 + 32
	code := []byte{
		0xb8, 175, 0, 0, 0, // mov eax, rt_sigprocmask
		0x31, 0xdb, // xor ebx, ebx: SIG_BLOCK
		0xb9, 0, 0, 0, 0, // mov ecx, set
		0x31, 0xd2, // xor edx, edx
		0xbe, 8, 0, 0, 0, // mov esi, 8
		0xcd, 0x80, // int 0x80
		0xb8, 177, 0, 0, 0, // mov eax, rt_sigtimedwait
		0xbb, 0, 0, 0, 0, // mov ebx, set
		0x31, 0xc9, // xor ecx, ecx: whatever the siginfo
		0x31, 0xd2, // xor edx, edx: no time limit
		0xcd, 0x80, // int 0x80
		0xeb, 0xea, // jmp back to the second mov eax
	}
	set := uint32(at + head + len(code))
	binary.LittleEndian.PutUint32(code[8:], set)
	binary.LittleEndian.PutUint32(code[27:], set)
	size := uint32(head + len(code) + 8)
	var file []byte
	file = append(file, "\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	le := binary.LittleEndian
	for _, half := range []uint16{2, 3} { // ET_EXEC, EM_386
		file = le.AppendUint16(file, half)
	}
	for _, word := range []uint32{1, at + head, 52, 0, 0} { // version, entry, program headers, sections, flags
		file = le.AppendUint32(file, word)
	}
	for _, half := range []uint16{52, 32, 1, 0, 0, 0} {
		file = le.AppendUint16(file, half)
	}
	for _, word := range []uint32{1, 0, at, at, size, size, 5, 0x1000} { // PT_LOAD, readable and executable
		file = le.AppendUint32(file, word)
	}
	file = append(file, code...)
	file = le.AppendUint64(file, 1<<(unix.SIGTERM-1))
	path := filepath.Join(t.TempDir(), "i386")
	if err := os.WriteFile(path, file, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// The system call numbers of i386 are not taken for those of amd64.
func TestReadThreadsI386(t *testing.T) {
	path := i386(t)
	if abi := readABI(path); abi == unknownABI || abi == ownABI() {
		t.Errorf("abi %v", abi)
	}
	cmd := exec.Command(path)
	if err := cmd.Start(); errors.Is(err, unix.ENOEXEC) {
		t.Skip("this kernel does not run i386 programs")
	} else if err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		call, state := readSyscall(cmd.Process.Pid, cmd.Process.Pid)
		if state == figure.Present && call.Number == 177 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it is not waiting in rt_sigtimedwait: %+v, %s", call, state)
		}
	}
	threads, err := ReadThreads(cmd.Process.Pid)
	if err != nil || len(threads) != 1 {
		t.Fatalf("%+v, %v", threads, err)
	}
	if th := threads[0]; th.WaitKnown || !th.WaitUnread || th.NoTimeout || th.WaitsFor != nil || th.TimeLeft != nil {
		t.Errorf("%+v", th)
	}
}
