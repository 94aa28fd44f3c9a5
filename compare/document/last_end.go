package document

import "haltscope/compare/value"

// LastEnd is how the last run of a container ended, by docker inspect and Docker's events alone. haltscope why may know more.
type LastEnd struct {
	Verdict    value.Kind          `json:"verdict"`    // "" if none of its runs is known to have ended
	Confidence value.Confidence    `json:"confidence"` // certain, likely or unknown; "" without a verdict
	How        string              `json:"how"`        // as a clause, or what is missing; "" where the verdict says all
	ExitCode   value.Maybe[int]    `json:"exit_code"`
	EndedAt    value.Maybe[string] `json:"ended_at"`    // RFC 3339
	StartError string              `json:"start_error"` // Docker's error, if its last start failed; "" if it did not
}
