package document

import "haltscope/compare/value"

// Proof is a claim of the explanation, tested on a twin.
type Proof struct {
	Claim    string            `json:"claim"` // the name of the claim, for scripts
	Text     string            `json:"text"`  // the claim
	Holds    value.Maybe[bool] `json:"holds"` // null if it could not be tested
	HoldsIf  string            `json:"holds_if"`
	Measured string            `json:"measured"` // what was measured, in prose
	Figures  []ProofFigure     `json:"figures"`
}

// ProofFigure is a figure that a proof rests on, before and after the test.
type ProofFigure struct {
	Name   string             `json:"name"`
	Before value.Maybe[int64] `json:"before"`
	After  value.Maybe[int64] `json:"after"`
	Unit   string             `json:"unit"` // bytes, usec, faults, flag (0 or 1) or cgroups
	Source string             `json:"source"`
}
