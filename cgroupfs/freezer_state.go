package cgroupfs

import "bytes"

// parseFreezerState reads v1's freezer.state, one word: THAWED, FREEZING (asked for, not complete) or FROZEN. It
// returns 1 for FROZEN and 0 for the other two: whether freezing was asked for is freezer.self_freezing and
// freezer.parent_freezing.
//
// Source: cgroup-v1/freezer-subsystem.rst.
func parseFreezerState(data []byte) Figure {
	switch string(bytes.TrimSuffix(data, newline)) {
	case "FROZEN":
		return Number(1)
	case "THAWED", "FREEZING":
		return Number(0)
	}
	return Without(Failed)
}

// thawed is freezer.state where freezing was asked neither of the cgroup nor of one above it
// (kernel/cgroup/legacy_freezer.c, freezer_state_strs).
const thawed = "THAWED\n"
