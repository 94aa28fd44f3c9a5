package proc

import (
	"bytes"

	"haltscope/cgroupfs/figure"
)

// Environ returns some of the variables that a process was started with, by name. Those that it was started without are missing.
// Environments hold secrets: all other variables are skipped as they are read.
func Environ(pid int, names ...string) (map[string]string, figure.State) {
	data, state := figure.ReadFile(Folder(pid) + "/environ")
	return parseEnviron(data, names), state
}

// parseEnviron parses variables that each end with a NUL byte. Of a variable that is set twice, the first counts, as it does for
// getenv(3).
//
//	PATH=/usr/bin:/bin\0TINI_KILL_PROCESS_GROUP=1\0
//
// Source: proc_pid_environ(5).
func parseEnviron(data []byte, names []string) map[string]string {
	variables := map[string]string{}
	for variable := range bytes.SplitSeq(data, []byte{0}) {
		for _, name := range names {
			text, ok := bytes.CutPrefix(variable, []byte(name+"="))
			if _, before := variables[name]; ok && !before {
				variables[name] = string(text)
			}
		}
	}
	return variables
}
