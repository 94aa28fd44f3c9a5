package value_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"haltscope/compare/value"
)

// Absent, zero and max are three different values.
func ExampleMaybe() {
	for _, limit := range []value.Maybe[uint64]{
		value.Known[uint64](0),
		value.Absent[uint64](value.Max, "there is no limit"),
		value.Absent[uint64](value.Unsupported, "cgroup v1 has no such limit"),
		{},
	} {
		if v, ok := limit.Get(); ok {
			fmt.Println(v)
		} else {
			fmt.Println(strings.TrimSpace(string(limit.Reason()) + " " + limit.Detail()))
		}
	}
	// Output:
	// 0
	// max there is no limit
	// unsupported cgroup v1 has no such limit
	// not-measured
}

func ExampleMaybe_MarshalJSON() {
	data, err := json.Marshal(map[string]value.Maybe[int]{
		"exit_code": value.Known(0),
		"pid":       value.Absent[int](value.Vanished, "the process is gone"),
	})
	fmt.Println(string(data), err)
	// Output: {"exit_code":0,"pid":null} <nil>
}

func ExampleAs() {
	size := value.Absent[uint64](value.Denied, "EACCES")
	grown := value.As[bool](size)
	fmt.Println(grown.Reason(), grown.Detail())
	// Output: denied EACCES
}

func TestMaybe(t *testing.T) {
	for _, c := range []struct {
		name    string
		m       value.Maybe[int]
		v       int
		known   bool
		reason  value.Reason
		encoded string
	}{
		{"known", value.Known(3), 3, true, "", "3"},
		{"zero", value.Known(0), 0, true, "", "0"},
		{"absent", value.Absent[int](value.Denied, "x"), 0, false, value.Denied, "null"},
		{"the zero Maybe", value.Maybe[int]{}, 0, false, value.NotMeasured, "null"},
		{"known or", value.KnownOr(3, true, value.Failed, "x"), 3, true, "", "3"},
		{"absent or", value.KnownOr(3, false, value.Failed, "x"), 0, false, value.Failed, "null"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if v, known := c.m.Get(); v != c.v || known != c.known || c.m.Reason() != c.reason {
				t.Errorf("%d, %t, %q", v, known, c.m.Reason())
			}
			data, err := json.Marshal(c.m)
			if err != nil || string(data) != c.encoded {
				t.Errorf("%s, %v", data, err)
			}
			decoded := value.Known(7)
			if err := json.Unmarshal(data, &decoded); err != nil {
				t.Fatal(err)
			}
			if v, known := decoded.Get(); v != c.v || known != c.known {
				t.Errorf("decoded: %d, %t", v, known)
			}
		})
	}
}

func TestMaybeSetReason(t *testing.T) {
	known, absent := value.Known(1), value.Maybe[int]{}
	known.SetReason(value.Failed, "x")
	absent.SetReason(value.Failed, "x")
	if known.Reason() != "" || known.Detail() != "" || absent.Reason() != value.Failed || absent.Detail() != "x" {
		t.Errorf("%+v, %+v", known, absent)
	}
}

func TestMaybeRejectsWrongJSON(t *testing.T) {
	var m value.Maybe[int]
	var wrong *json.UnmarshalTypeError
	if err := json.Unmarshal([]byte(`"text"`), &m); !errors.As(err, &wrong) {
		t.Error(err)
	}
}
