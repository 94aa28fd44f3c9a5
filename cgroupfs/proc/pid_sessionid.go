package proc

import "haltscope/cgroupfs/figure"

// ReadSessionID reads /proc/PID/sessionid: the number of the login session. It is [figure.Unsupported] for a process that does
// not descend from a login. The form is that of /proc/PID/loginuid.
func ReadSessionID(pid int) figure.Figure { return readUnlessUnset(Folder(pid) + "/sessionid") }
