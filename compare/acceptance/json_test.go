package acceptance

import (
	"math"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"
)

// jsonCmd compares a value of a JSON document (a file, or stdout) with another:
//
//	json run.json arms.0.runs.0.verdict.kind == killed
//	json run.json arms.0.runs.0.data.lost > 0
//	json run.json arms.0.runs.0.timing.effect_ms < arms.0.runs.0.timing.command_ms
//	json run.json arms.0.runs.0.memory.after_bytes ~2% arms.0.runs.0.memory.before_bytes
//	json run.json arms.0.runs.0.top.error matches 'not running'
//	json run.json notes has
//
// The paths are gjson's. null is "null"; a path that leads nowhere is an error.
func jsonCmd(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: json FILE PATH OPERATOR [VALUE]")
	}
	document := ts.ReadFile(args[0])
	if !gjson.Valid(document) {
		ts.Fatalf("%s is not JSON:\n%s", args[0], document)
	}
	got := gjson.Get(document, args[1])
	if !got.Exists() {
		ts.Fatalf("%s has no %s", args[0], args[1])
	}
	text := got.String()
	if got.Type == gjson.Null {
		text = "null"
	}
	operator, want := args[2], ""
	if len(args) > 3 {
		want = args[3]
	}
	var ok bool
	switch {
	case operator == "has":
		ok = true
	case operator == "==":
		ok = text == want
	case operator == "matches":
		ok = strings.Contains(strings.ToLower(text), strings.ToLower(want))
	case operator == ">", operator == "<":
		limit, err := strconv.ParseFloat(want, 64)
		if other := gjson.Get(document, want); err != nil && other.Type == gjson.Number {
			limit, err = other.Float(), nil
			want += " = " + other.String()
		}
		ts.Check(err)
		if got.Type != gjson.Number {
			ts.Fatalf("%s is %s, not a number", args[1], text)
		}
		ok = operator == ">" && got.Float() > limit || operator == "<" && got.Float() < limit
	case strings.HasPrefix(operator, "~"):
		percent, err := strconv.ParseFloat(strings.Trim(operator, "~%"), 64)
		ts.Check(err)
		other := gjson.Get(document, want)
		if got.Type != gjson.Number || other.Type != gjson.Number {
			ts.Fatalf("%s is %s and %s is %s: not two numbers", args[1], text, want, other)
		}
		ok = math.Abs(got.Float()-other.Float()) <= other.Float()*percent/100
		want += " = " + other.String()
	default:
		ts.Fatalf("unknown operator %s", operator)
	}
	if ok == neg {
		ts.Fatalf("%s is %s; wanted %s %s (negated: %t)", args[1], text, operator, want, neg)
	}
}

// within FILE PATH LIMIT: the figure is no further from 0 than the other.
func withinCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: within FILE PATH LIMIT")
	}
	document := ts.ReadFile(args[0])
	got, limit := gjson.Get(document, args[1]), gjson.Get(document, args[2])
	if got.Type != gjson.Number || limit.Type != gjson.Number || math.Abs(got.Float()) > limit.Float() {
		ts.Fatalf("%s is %s, and %s is %s", args[1], got, args[2], limit)
	}
}

// same FILE PATH FILE PATH: the two values are the same JSON.
func sameCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: same FILE PATH FILE PATH")
	}
	one, other := gjson.Get(ts.ReadFile(args[0]), args[1]), gjson.Get(ts.ReadFile(args[2]), args[3])
	if !one.Exists() || one.Get("@ugly").Raw != other.Get("@ugly").Raw {
		ts.Fatalf("%s of %s is\n%s\nand %s of %s is\n%s", args[1], args[0], one, args[3], args[2], other)
	}
}
