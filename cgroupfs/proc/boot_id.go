package proc

import (
	"bytes"
	"fmt"
	"os"
)

// BootID identifies the current boot of this machine.
//
//	0b7f5a2e-6c1d-4c8e-9f53-2d1a8e0c4b6f
//
// Source: proc_sys_kernel(5), random/boot_id.
func BootID() (string, error) {
	const file = "/proc/sys/kernel/random/boot_id"
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	id := bytes.TrimSpace(data)
	if len(id) == 0 {
		return "", fmt.Errorf("%s is empty", file)
	}
	return string(id), nil
}
