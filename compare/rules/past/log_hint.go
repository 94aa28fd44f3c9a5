package past

import "strings"

// telling are words of the last lines that programs log when they end for a reason.
var telling = []string{"panic:", "fatal", "outofmemoryerror", "memoryerror", "out of memory", "exec format error", "permission denied",
	"segmentation fault", "core dumped", "no space left on device", "address already in use", "cannot allocate memory",
	"too many open files", "not found", "no such file or directory", "uncaught", "unhandled", "exception", "error", "killed"}

// LogHint returns the last line of a log that seems to tell why a program ended; "" if none does. It decides nothing: a program may
// log anything.
func LogHint(lines []string) (hint string) {
	for _, line := range lines {
		lower := strings.ToLower(line)
		for _, word := range telling {
			if strings.Contains(lower, word) {
				hint = line
			}
		}
	}
	return hint
}
