package trace

import (
	"bytes"
	"fmt"
	"strings"

	"haltscope/cgroupfs/figure"
)

// lockdownFile is where the kernel shows its lockdown, if securityfs is mounted.
const lockdownFile = "/sys/kernel/security/lockdown"

// parseLockdown returns the kernel's lockdown:
//
//	none integrity [confidentiality]
//
// Source: kernel_lockdown(7), since Linux 5.4.
func parseLockdown(data []byte) (string, error) {
	_, after, ok := bytes.Cut(data, []byte{'['})
	mode, _, closed := bytes.Cut(after, []byte{']'})
	if !ok || !closed || len(mode) == 0 {
		return "", figure.Malformed(lockdownFile, data)
	}
	return string(mode), nil
}

// paranoidFile says what the kernel allows to processes without CAP_PERFMON.
const paranoidFile = "/proc/sys/kernel/perf_event_paranoid"

// permission returns the likely reason why perf_event_open was refused, as far as it can be read.
func permission() string {
	text := "it needs root with CAP_PERFMON (CAP_SYS_ADMIN before Linux 5.8), and a seccomp filter that allows perf_event_open"
	if data, state := figure.ReadFile(lockdownFile); state == figure.Present {
		if mode, err := parseLockdown(data); err != nil {
			text += "; " + err.Error()
		} else if mode != "none" {
			text += fmt.Sprintf("; the kernel's lockdown is %s (integrity allows it, confidentiality does not)", mode)
		}
	}
	if data, state := figure.ReadFile(paranoidFile); state == figure.Present {
		text += "; perf_event_paranoid is " + strings.TrimSpace(string(data)) + ", which matters only without that capability"
	}
	return text
}
