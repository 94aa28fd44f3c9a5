package action

import (
	"errors"
	"strings"
	"testing"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

func TestExpectation(t *testing.T) {
	graceful := []value.Kind{verdict.Graceful}
	caught := func(r *record) { r.Target = &verdict.SignalTarget{PID: 42, Name: "nginx", Caught: true} }
	failed := func(r *record) { r.CommandErr = errDocker }
	for _, c := range []struct {
		name   string
		record *record
		doubt  string // about the verdict
		want   []value.Kind
		pass   value.Maybe[bool]
		says   string // a part of the error; "" for none
	}{
		{name: "it is", record: done(value.Stop, ended(time.Second, 0, kills("15")...), caught), want: graceful, pass: value.Known(true)},
		{name: "it is, or only its wrapper is", record: done(value.Stop, ended(time.Second, 0, kills("15")...), caught), doubt: "the wrapper's",
			want: graceful, says: "could not tell whether --expect graceful was met: the wrapper's"},
		{name: "it is not", record: done(value.Stop, ended(time.Second, 137, kills("15", "9")...)), want: graceful,
			pass: value.Known(false), says: "forced, where graceful was expected"},
		{name: "one of several", record: done(value.Stop, ended(time.Second, 137, kills("15", "9")...)),
			want: []value.Kind{verdict.Graceful, verdict.Forced}, pass: value.Known(true)},
		{name: "it had ended before", record: done(value.Stop, func(r *record) { r.Group = nil }, after(exited(0))), want: graceful,
			pass: value.Known(false), says: "no verdict ("},
		{name: "docker failed, and there is no verdict", record: done(value.Stop, func(r *record) { r.Group = nil }, after(exited(0)), failed),
			want: graceful, says: "could not tell whether --expect graceful was met"},
		{name: "interrupted before", record: done(value.Stop, func(r *record) { r.Began = time.Time{} }), want: graceful,
			says: "could not tell whether --expect graceful was met: docker was not run"},
		{name: "inconclusive", record: done(value.Stop, func(r *record) { r.AfterErr = errDocker }), want: graceful, says: "could not tell"},
		{name: "inconclusive, as expected", record: done(value.Stop, func(r *record) { r.AfterErr = errDocker }),
			want: []value.Kind{verdict.Inconclusive}, pass: value.Known(true)},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, why := c.record.judge()
			if v != nil {
				v.Doubt = c.doubt
			}
			doc := document.ContainerAction{Verdict: value.Absent[document.Verdict](value.NotMeasured, why),
				Expectation: c.record.expectation(c.want, v, why)}
			pass, known := doc.Expectation.Pass.Get()
			wantPass, wantKnown := c.pass.Get()
			if pass != wantPass || known != wantKnown {
				t.Errorf("%+v", doc.Expectation)
			}
			err := notMet(&doc)
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) ||
				errors.Is(err, fault.ErrNotMet) != (known && !pass) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

func TestExpectInvalid(t *testing.T) {
	o := Options{Verb: value.Stop, Expect: []value.Kind{verdict.Graceful, "gently"}}
	_, err := o.action()
	var usage *fault.UsageError
	if !errors.As(err, &usage) || !strings.Contains(usage.Next, "graceful, failed-stopping, terminated") {
		t.Errorf("%v", err)
	}
}
