package cgroupfs

import "os"

// HostPressure is how much of the time some task of this machine has waited for memory, in microseconds since boot;
// Unsupported where the kernel keeps no account of pressure: it was built without, or booted with psi=0, when the file is
// there (CONFIG_PSI_DEFAULT_DISABLED) and cannot be opened. Source: accounting/psi.rst; kernel/sched/psi.c.
func HostPressure() Figure {
	const path = "/proc/pressure/memory"
	data, err := os.ReadFile(path)
	if err != nil {
		return Without(stateOf(path, err))
	}
	return parsePressure(data).Some.Total
}
