package doctor

import (
	"errors"
	"io/fs"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/value"
)

// handles checks pidfd_open(2), which exists since Linux 5.3.
func (f *Facts) handles() document.Condition {
	const name = "process handles"
	const means = "compare, check and predict --verify do not work. How and when a main process ends is known only from Docker."
	switch {
	case f.HandleErr == nil:
		return ok(name, "pidfd_open")
	case errors.Is(f.HandleErr, fs.ErrPermission):
		return limits(name, "forbidden, perhaps by a seccomp profile: "+fault.Line(f.HandleErr), means, onHost, inContainer)
	}
	return limits(name, "none: "+fault.Line(f.HandleErr), means, "boot Linux 5.3 or later")
}

// waitStatus checks whether the kernel keeps the wait status of ended processes. Source: include/uapi/linux/pidfd.h,
// PIDFD_INFO_EXIT, since Linux 6.15.
func (f *Facts) waitStatus() document.Condition {
	const name = "how processes end"
	newer, parsed := value.VersionAtLeast(f.Kernel, "6.15")
	switch {
	case !parsed:
		return unknown(name, "not known: the kernel's version "+f.Kernel+" could not be parsed")
	case newer:
		return ok(name, "kept by the kernel, %s", f.Kernel)
	}
	return limits(name, "not kept by the kernel, "+f.Kernel,
		"An exit code of 128 + signal may be the program's own: verdicts rest on other evidence, and check --no-orphans cannot be judged.",
		"boot Linux 6.15 or later")
}
