package document

import "haltscope/compare/value"

// CheckSchema is the schema of [Check].
const CheckSchema = "haltscope.check/v1"

// Check is the report of haltscope check.
type Check struct {
	Schema       string            `json:"schema"`
	Host         Host              `json:"host"`
	Image        string            `json:"image"`
	Like         string            `json:"like"` // the container that the twin is a copy of; "" for none
	Command      value.Argv        `json:"command"`
	Pass         value.Maybe[bool] `json:"pass"`
	Expectations []Expectation     `json:"expectations"`
	Why          string            `json:"why"`      // why an expectation was not met; "" if all were
	Fix          []string          `json:"fix"`      // how to fix it
	Warnings     []string          `json:"warnings"` // what makes it doubtful that the check was of what it was meant for
	Predicted    Outcome           `json:"predicted"`
	Run          Run               `json:"run"`
	Skipped      []string          `json:"skipped"`  // what was not copied from the container
	Replaced     []ReplacedMount   `json:"replaced"` // mounts that are not those of the container
	Notes        []Note            `json:"notes"`
}

// Expectation is one expectation of the stop, and the result.
type Expectation struct {
	Name string            `json:"name"`
	Want string            `json:"want"`
	Got  string            `json:"got"`
	Pass value.Maybe[bool] `json:"pass"` // null if it could not be judged
}
