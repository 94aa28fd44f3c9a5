package cgroupfs

import (
	"os"
	"slices"
	"strings"
)

// BootOption reports whether the kernel was booted with an option, as one word or, of the form key=a,b, with key=a as
// one of several. Source: proc_cmdline(5); admin-guide/kernel-parameters.txt.
func BootOption(option string) (bool, State) {
	data, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return false, stateOf("/proc/cmdline", err)
	}
	return hasBootOption(string(data), option), Present
}

// hasBootOption looks through a line such as
//
//	console=ttyS0 root=/dev/vda cgroup.memory=nokmem,nosocket psi=0
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
