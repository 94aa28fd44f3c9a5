package target

import (
	"testing"

	"haltscope/cgroupfs/proc"
)

func TestExecuted(t *testing.T) {
	const young, old = 1 << 30, 1 // in clock ticks since boot: not even begun, and as old as this machine
	shell := proc.Stat{PID: 10, Comm: "sh", StartStack: 0x7ff0, StartTime: old}
	program := func(start uint64) proc.Stat {
		return proc.Stat{PID: 11, Comm: "sleep", StartStack: 0x7ee0, StartTime: start}
	}
	executing := program(young)
	executing.Comm, executing.StartStack = "exe", 0
	forked := func(start uint64) proc.Stat {
		return proc.Stat{PID: 11, Comm: "sh", StartStack: 0x7ff0, StartTime: start}
	}
	for _, tc := range []struct {
		name  string
		child proc.Stat
		reads []proc.Stat // what is read again; after the last one the process has ended
		want  string
	}{
		{"a program", program(young), nil, "sleep"},
		{"about to execute one", forked(young), []proc.Stat{forked(young), program(young)}, "sleep"},
		{"executing one", executing, []proc.Stat{program(young)}, "sleep"},
		{"a subshell", forked(old), nil, "sh"},
		{"ended at once", forked(young), nil, "sh"},
		{"ended, and its pid is another's", forked(young), []proc.Stat{program(young + 1)}, "sh"},
	} {
		got := executed(tc.child, shell, func(int) (proc.Stat, error) {
			if len(tc.reads) == 0 {
				return proc.Stat{}, proc.ErrNoProcess
			}
			next := tc.reads[0]
			tc.reads = tc.reads[1:]
			return next, nil
		})
		if got.Comm != tc.want || len(tc.reads) > 0 {
			t.Errorf("%s: %s, %d reads left; want %s", tc.name, got.Comm, len(tc.reads), tc.want)
		}
	}
}
