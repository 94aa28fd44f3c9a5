package acceptance

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

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
// Paths have the syntax of gjson. A path without a value is an error. So is null, negated or not, except with == null.
func jsonCmd(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 && len(args) != 4 {
		ts.Fatalf("usage: json FILE PATH OPERATOR [VALUE]")
	}
	want := ""
	if len(args) > 3 {
		want = args[3]
	}
	text := ts.ReadFile(args[0])
	if err := followsSchema(text); err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
	if err := assertJSON(text, args[1], args[2], want, neg); err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
}

// assertJSON returns an error unless the value at path stands in the relation to want, or if it does and negated is
// set.
func assertJSON(document, path, operator, want string, negated bool) error {
	if !gjson.Valid(document) {
		return fmt.Errorf("not JSON:\n%s", document)
	}
	got := gjson.Get(document, path)
	if !got.Exists() {
		return fmt.Errorf("there is no %s", path)
	}
	if got.Type == gjson.Null && !(operator == "==" && want == "null") {
		return fmt.Errorf("%s is null; wanted %s %s (negated: %t)", path, operator, want, negated)
	}
	ok, limit, err := holds(document, got, operator, want)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if limit != "" {
		want += " = " + limit
	}
	if ok == negated {
		return fmt.Errorf("%s is %s; wanted %s %s (negated: %t)", path, got, operator, want, negated)
	}
	return nil
}

// holds reports whether a value stands in the relation to want. If want is a path, limit is the value there.
func holds(document string, got gjson.Result, operator, want string) (ok bool, limit string, err error) {
	switch {
	case operator == "has":
		return true, "", nil
	case operator == "==" && want == "null":
		return got.Type == gjson.Null, "", nil
	case operator == "==":
		return got.String() == want, "", nil
	case operator == "matches":
		return strings.Contains(strings.ToLower(got.String()), strings.ToLower(want)), "", nil
	case operator == ">", operator == "<":
		number, err := strconv.ParseFloat(want, 64)
		if other := gjson.Get(document, want); err != nil && other.Type == gjson.Number {
			number, limit, err = other.Float(), other.String(), nil
		}
		if err != nil {
			return false, "", err
		}
		if got.Type != gjson.Number {
			return false, "", fmt.Errorf("%s is not a number", got)
		}
		return operator == ">" && got.Float() > number || operator == "<" && got.Float() < number, limit, nil
	case strings.HasPrefix(operator, "~"):
		percent, err := strconv.ParseFloat(strings.Trim(operator, "~%"), 64)
		if err != nil {
			return false, "", err
		}
		other := gjson.Get(document, want)
		if got.Type != gjson.Number || other.Type != gjson.Number {
			return false, "", fmt.Errorf("%s, and %s is %s: not two numbers", got, want, other)
		}
		return math.Abs(got.Float()-other.Float()) <= other.Float()*percent/100, other.String(), nil
	}
	return false, "", fmt.Errorf("unknown operator %s", operator)
}

// TestAssertJSON checks that the assertions of the stories can fail.
func TestAssertJSON(t *testing.T) {
	const document = `{"null": null, "word": "null", "zero": 0, "two": 2, "yes": true, "list": [],` +
		`"items": [{"kind": "a", "n": null}], "text": "Not running"}`
	for _, c := range []struct {
		path, operator, want string
		negated, pass        bool
	}{
		{path: "null", operator: "has"},
		{path: "null", operator: "has", negated: true},
		{path: "nowhere", operator: "has"},
		{path: "nowhere", operator: "==", want: "null"},
		{path: "items.0.n", operator: "has"},
		{path: "zero", operator: "has", pass: true},
		{path: "list", operator: "has", pass: true},
		{path: "zero", operator: "has", negated: true},
		{path: "null", operator: "==", want: "null", pass: true},
		{path: "null", operator: "==", want: "null", negated: true},
		{path: "word", operator: "==", want: "null"},
		{path: "zero", operator: "==", want: "null", negated: true, pass: true},
		{path: "null", operator: "==", want: ""},
		{path: "null", operator: "==", want: "0", negated: true},
		{path: "null", operator: "matches", want: ""},
		{path: "null", operator: "matches", want: "running", negated: true},
		{path: "text", operator: "matches", want: "not RUNNING", pass: true},
		{path: "text", operator: "matches", want: "paused", negated: true, pass: true},
		{path: "two", operator: ">", want: "zero", pass: true},
		{path: "two", operator: ">", want: "2"},
		{path: "two", operator: ">", want: "null"},
		{path: "yes", operator: ">", want: "0"},
		{path: "null", operator: "<", want: "1"},
		{path: "null", operator: "~2%", want: "two"},
		{path: "two", operator: "~2%", want: "null"},
		{path: "two", operator: "~2%", want: "two", pass: true},
		{path: `items.#(kind=="a")#|#`, operator: "==", want: "1", pass: true},
		{path: "null.#(n==1)#|#", operator: "==", want: "0"},
		{path: "two", operator: "is", want: "2"},
	} {
		if err := assertJSON(document, c.path, c.operator, c.want, c.negated); (err == nil) != c.pass {
			t.Errorf("%s %s %q (negated: %t): %v", c.path, c.operator, c.want, c.negated, err)
		}
	}
}

// withinCmd implements within FILE PATH LIMIT: the figure must be no further from 0 than the other one.
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

// sameCmd implements same FILE PATH FILE PATH: the two values must be the same JSON, and not null.
func sameCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: same FILE PATH FILE PATH")
	}
	one, other := gjson.Get(ts.ReadFile(args[0]), args[1]), gjson.Get(ts.ReadFile(args[2]), args[3])
	if !one.Exists() || one.Type == gjson.Null || one.Get("@ugly").Raw != other.Get("@ugly").Raw {
		ts.Fatalf("%s of %s is\n%s\nand %s of %s is\n%s", args[1], args[0], one, args[3], args[2], other)
	}
}
