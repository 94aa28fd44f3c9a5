package proc

import (
	"slices"
	"strings"

	"haltscope/cgroupfs/figure"
)

// BootOption reports whether the kernel was booted with an option. The option is a whole word of /proc/cmdline, such as
// psi=0, or one of several values of a key: cgroup.memory=nokmem is found in cgroup.memory=nokmem,nosocket.
func BootOption(option string) (bool, figure.State) {
	data, state := figure.ReadFile("/proc/cmdline")
	return hasBootOption(string(data), option), state
}

// hasBootOption parses a line such as
//
//	console=ttyS0 root=/dev/vda cgroup.memory=nokmem,nosocket psi=0
//
// Source: proc_cmdline(5); admin-guide/kernel-parameters.txt.
func hasBootOption(line, option string) bool {
	key, value, _ := strings.Cut(option, "=")
	for word := range strings.FieldsSeq(line) {
		k, v, ok := strings.Cut(word, "=")
		if word == option || ok && k == key && slices.Contains(strings.Split(v, ","), value) {
			return true
		}
	}
	return false
}
