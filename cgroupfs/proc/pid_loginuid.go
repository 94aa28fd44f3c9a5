package proc

import "haltscope/cgroupfs/figure"

// unset is the number for no login. Source: include/linux/audit.h, AUDIT_UID_UNSET and AUDIT_SID_UNSET.
const unset = 1<<32 - 1

// ReadLoginUID reads /proc/PID/loginuid: the user who logged in. It survives any later change of user, and children
// inherit it. It is [figure.Unsupported] for a process that does not descend from a login.
func ReadLoginUID(pid int) figure.Figure { return readUnlessUnset(Folder(pid) + "/loginuid") }

func readUnlessUnset(path string) figure.Figure {
	data, state := figure.ReadFile(path)
	if state != figure.Present {
		return figure.Without(state)
	}
	return parseUnlessUnset(data)
}

// parseUnlessUnset parses a number without a line feed:
//
//	1000
//
// Source: fs/proc/base.c, proc_loginuid_read and proc_sessionid_read; needs CONFIG_AUDIT.
func parseUnlessUnset(data []byte) figure.Figure {
	f := figure.ParseUint(data)
	if f.Is(unset) {
		return figure.Without(figure.Unsupported)
	}
	return f
}
