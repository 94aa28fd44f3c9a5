package document

import (
	"haltscope/compare/value"
)

// Proof is a claim of the explanation that was put to the test on a twin.
type Proof struct {
	Claim    string            `json:"claim"` // its name, for scripts
	Text     string            `json:"text"`  // what was claimed
	Holds    value.Maybe[bool] `json:"holds"` // null where it could not be tested
	HoldsIf  string            `json:"holds_if"`
	Measured string            `json:"measured"` // what was measured, in words
	Figures  []ProofFigure     `json:"figures"`
}

// ProofFigure is a figure that a proof rests on, before something was done and after.
type ProofFigure struct {
	Name   string             `json:"name"`
	Before value.Maybe[int64] `json:"before"`
	After  value.Maybe[int64] `json:"after"`
	Unit   string             `json:"unit"` // bytes, usec, faults, flag (0 or 1), cgroups
	Source string             `json:"source"`
}
