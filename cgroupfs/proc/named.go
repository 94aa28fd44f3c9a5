package proc

import (
	"fmt"
	"strings"
)

// Named returns the processes whose comm begins with a text. The kernel keeps 15 bytes of a comm. Source: proc_pid_stat(5).
func Named(prefix string) (all []Stat, err error) {
	err = eachProcess(func(stat Stat) {
		if strings.HasPrefix(stat.Comm, prefix) {
			all = append(all, stat)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("listing the processes named %s: %w", prefix, err)
	}
	return all, nil
}
