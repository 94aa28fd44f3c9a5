package action

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// validExpect returns an error if one of the expected kinds is not a verdict.
func (o *Options) validExpect() error {
	for _, kind := range o.Expect {
		if !slices.Contains(value.Verdicts, kind) {
			return &fault.UsageError{Text: fmt.Sprintf("--expect: %q is not a verdict", kind),
				Next: "the verdicts are " + listKinds(value.Verdicts, ", ")}
		}
	}
	return nil
}

func listKinds(all []value.Kind, separator string) string {
	text := make([]string, len(all))
	for i, kind := range all {
		text[i] = string(kind)
	}
	return strings.Join(text, separator)
}

// expectation judges the verdict of a container; v is nil if there is no verdict, and why gives the reason. Pass is absent if the
// verdict is in doubt, if it is inconclusive and that is not expected, or if docker's command failed and left no verdict.
func (r *record) expectation(want []value.Kind, v *verdict.Verdict, why string) *document.Expectation {
	e := &document.Expectation{Name: "verdict", Want: listKinds(want, " or "), Got: "none"}
	if !r.performed() {
		v, why = nil, "docker was not run"
	}
	if v != nil {
		e.Got = string(v.Kind)
	}
	switch {
	case v == nil && (!r.performed() || r.CommandErr != nil):
		e.Pass = value.Absent[bool](value.Failed, why)
	case v == nil:
		e.Pass = value.Known(false)
	case slices.Contains(want, v.Kind) && v.Doubt != "":
		e.Pass = value.Absent[bool](value.Failed, v.Doubt)
	case slices.Contains(want, v.Kind):
		e.Pass = value.Known(true)
	case v.Kind == value.Inconclusive:
		e.Pass = value.Absent[bool](value.Failed, cmp.Or(v.Missing, "the verdict is inconclusive"))
	default:
		e.Pass = value.Known(false)
	}
	return e
}

// notMet returns an error if the expectation about a container is not met, or could not be judged.
func notMet(c *document.ContainerAction) error {
	e := c.Expectation
	switch pass, known := e.Pass.Get(); {
	case !known:
		return fmt.Errorf("container %s: could not tell whether --expect %s was met: %s", c.Name, e.Want, e.Pass.Detail())
	case !pass && e.Got == "none":
		return fmt.Errorf("container %s: %w: no verdict (%s), where %s was expected", c.Name, fault.ErrNotMet, c.Verdict.Detail(), e.Want)
	case !pass:
		return fmt.Errorf("container %s: %w: %s, where %s was expected", c.Name, fault.ErrNotMet, e.Got, e.Want)
	}
	return nil
}
