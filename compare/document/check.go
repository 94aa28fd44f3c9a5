package document

import (
	"haltscope/compare/value"
)

// CheckSchema names the document of check, and its version.
const CheckSchema = "haltscope.check/v1"

// Check is the document of `haltscope check`.
type Check struct {
	Schema       string            `json:"schema"`
	Host         Host              `json:"host"`
	Image        string            `json:"image"`
	Like         string            `json:"like"` // the container that the twin was to be like; "" for none
	Command      value.Argv        `json:"command"`
	Pass         value.Maybe[bool] `json:"pass"`
	Expectations []Expectation     `json:"expectations"`
	Why          string            `json:"why"` // why not, in a line
	Fix          []string          `json:"fix"` // what to change
	Predicted    Outcome           `json:"predicted"`
	Run          Run               `json:"run"`
	Skipped      []string          `json:"skipped"` // what the twin does not have of the container
	Notes        []Note            `json:"notes"`
}

// Expectation is one thing that was expected of the stop.
type Expectation struct {
	Name string            `json:"name"`
	Want string            `json:"want"`
	Got  string            `json:"got"`
	Pass value.Maybe[bool] `json:"pass"` // null: it could not be judged
}
