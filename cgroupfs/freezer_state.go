package cgroupfs

import (
	"bytes"

	"haltscope/cgroupfs/figure"
)

// thawed is the content of freezer.state if freezing was not requested for the cgroup or one above it. Source:
// kernel/cgroup/legacy_freezer.c, freezer_state_strs.
const thawed = "THAWED\n"

// parseFreezerState parses v1's freezer.state, one word: THAWED, FREEZING (requested, not complete) or FROZEN. It returns 1
// for FROZEN, and 0 for the others. The requests are in freezer.self_freezing and freezer.parent_freezing.
//
//	FROZEN
//
// Source: cgroup-v1/freezer-subsystem.rst.
func parseFreezerState(data []byte) figure.Figure {
	switch string(bytes.TrimSuffix(data, newline)) {
	case "FROZEN":
		return figure.Number(1)
	case "THAWED", "FREEZING":
		return figure.Number(0)
	}
	return figure.Without(figure.Failed)
}
