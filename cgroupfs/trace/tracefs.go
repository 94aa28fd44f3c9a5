package trace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// UnsupportedError means that this host does not allow a tap. Any other error means that haltscope could not find out.
type UnsupportedError struct {
	Why string
	Err error // what the kernel said; may be nil
}

func (e *UnsupportedError) Error() string {
	if e.Err == nil {
		return e.Why
	}
	return fmt.Sprintf("%s: %v", e.Why, e.Err)
}

func (e *UnsupportedError) Unwrap() error { return e.Err }

// tracefsPlaces lists where tracefs is mounted, if it is.
var tracefsPlaces = []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}

// readFormat reads the format of a tracepoint, such as signal:signal_generate.
func readFormat(group, name string) (format, error) {
	data, err := readTracefs("events/" + group + "/" + name + "/format")
	if err != nil {
		return format{}, fmt.Errorf("tracepoint %s:%s: %w", group, name, err)
	}
	f, err := parseFormat(data)
	if err != nil {
		return format{}, fmt.Errorf("tracepoint %s:%s: %w", group, name, err)
	}
	return f, nil
}

// readTracefs reads a file of tracefs. If tracefs is not mounted, it opens an unattached mount and closes it again.
func readTracefs(file string) ([]byte, error) {
	for _, place := range tracefsPlaces {
		data, err := os.ReadFile(place + "/" + file)
		if !errors.Is(err, fs.ErrNotExist) {
			return data, err
		}
	}
	root, err := openTracefs()
	if err != nil {
		return nil, err
	}
	defer unix.Close(root)
	data, err := os.ReadFile(fmt.Sprintf("/proc/self/fd/%d/%s", root, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &UnsupportedError{Why: "this kernel has no such tracepoint"}
	}
	return data, err
}

// openTracefs makes a mount of tracefs that is attached nowhere and vanishes with its descriptor. Source: fsopen(2) and fsmount(2),
// since Linux 5.2; they need CAP_SYS_ADMIN.
func openTracefs() (int, error) {
	fd, err := mountTracefs()
	switch {
	case errors.Is(err, unix.ENODEV):
		return -1, &UnsupportedError{Why: "this kernel has no tracefs (CONFIG_FTRACE)", Err: err}
	case errors.Is(err, unix.ENOSYS):
		return -1, &UnsupportedError{Why: "tracefs is not mounted, and this kernel cannot open it otherwise", Err: err}
	case errors.Is(err, unix.EPERM):
		return -1, &UnsupportedError{Why: "tracefs is not mounted, and opening it otherwise needs CAP_SYS_ADMIN", Err: err}
	case err != nil:
		return -1, fmt.Errorf("opening tracefs: %w", err)
	}
	return fd, nil
}

func mountTracefs() (int, error) {
	made, err := unix.Fsopen("tracefs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, err
	}
	defer unix.Close(made)
	if err := unix.FsconfigCreate(made); err != nil {
		return -1, err
	}
	return unix.Fsmount(made, unix.FSMOUNT_CLOEXEC, 0)
}
