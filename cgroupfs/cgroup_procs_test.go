package cgroupfs

import (
	"bytes"
	"strconv"
	"testing"

	"haltscope/cgroupfs/internal/figuretest"
)

func TestMembersRecorded(t *testing.T) {
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		pids, err := members(dir)
		if err != nil || len(pids) < 2 {
			t.Errorf("%v, %v", pids, err)
		}
	})
}

func FuzzParseProcs(f *testing.F) {
	figuretest.Seed(f, "cgroup.procs")
	f.Fuzz(func(t *testing.T, data []byte) {
		pids, err := parseProcs(data)
		if err != nil {
			return
		}
		for i, pid := range pids {
			if pid <= 0 || i > 0 && pid <= pids[i-1] || !bytes.Contains(data, strconv.AppendInt(nil, int64(pid), 10)) {
				t.Errorf("%v", pids)
			}
		}
	})
}
