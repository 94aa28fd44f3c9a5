package report

import (
	"math"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// TestGrace checks what is drawn of a stop: the signal, how long the grace is, the end, and whether that is certain.
func TestGrace(t *testing.T) {
	ms, none := value.Known[float64], value.Absent[float64]
	outcome := func(kind value.Kind, after value.Maybe[float64], more ...value.Kind) document.Outcome {
		return document.Outcome{Outcome: kind, AfterMs: after, Candidates: more}
	}
	kill := func(signal int, at float64) document.Event {
		return document.Event{Action: "kill", Signal: value.Known(signal), AtMs: at}
	}
	for name, test := range map[string]struct {
		action *document.ContainerAction // nil: a prediction
		dry    bool
		stop   document.Outcome
		grace  value.Maybe[float64]
		want   *graceLine
	}{
		"forced": {stop: outcome(value.Forced, ms(3000)), grace: ms(3000),
			want: &graceLine{signal: "SIGTERM", grace: 3000, end: 3000, ink: inkBad, result: "forced after 3.00 s"}},
		"by the program": {stop: outcome(value.Graceful, none("", "")), grace: ms(3000),
			want: &graceLine{signal: "SIGTERM", grace: 3000, end: -1, ink: inkGood, result: "graceful: when is decided by the program"}},
		"open": {stop: outcome(value.Undecided, ms(3000), value.Graceful, value.Forced), grace: ms(3000),
			want: &graceLine{signal: "SIGTERM", grace: 3000, end: 3000, latest: true, ink: inkWarn,
				result: "graceful or forced after at most 3.00 s"}},
		"no limit": {stop: outcome(value.Graceful, none("", "")), grace: none(value.Max, ""),
			want: &graceLine{signal: "SIGTERM", grace: math.Inf(1), end: -1, ink: inkGood, result: "graceful: when is decided by the program"}},
		"nothing to end": {stop: outcome(value.Unchanged, ms(0)), grace: ms(3000)},
		"stopped": {action: &document.ContainerAction{GraceMs: ms(3000), Verdict: value.Known(document.Verdict{Kind: value.Graceful}),
			Timing: document.ActionTiming{EffectMs: ms(90)}, Events: []document.Event{kill(9, -5), kill(3, 40), kill(9, 80)}},
			want: &graceLine{signal: "SIGQUIT", sent: 40, grace: 3000, end: 90, ink: inkGood, result: "graceful after 90.0 ms"}},
		"event came late": {action: &document.ContainerAction{GraceMs: ms(3000), Verdict: value.Known(document.Verdict{Kind: value.Graceful}),
			Timing: document.ActionTiming{EffectMs: ms(30)}, Events: []document.Event{kill(3, 40)}},
			want: &graceLine{signal: "SIGQUIT", sent: 30, grace: 3000, end: 30, ink: inkGood, result: "graceful after 30.0 ms"}},
		"end not seen": {action: &document.ContainerAction{GraceMs: ms(3000), Verdict: value.Known(document.Verdict{Kind: value.Forced})}},
		"killed": {action: &document.ContainerAction{GraceMs: none(value.Unsupported, ""),
			Timing: document.ActionTiming{EffectMs: ms(30)}}},
		"old report": {action: &document.ContainerAction{Verdict: value.Known(document.Verdict{Kind: value.Graceful}),
			Timing: document.ActionTiming{EffectMs: ms(30)}}},
		"dry run": {dry: true, action: &document.ContainerAction{GraceMs: ms(3000), Predicted: value.Known(outcome(value.Forced, ms(3000)))},
			want: &graceLine{signal: "the stop signal", grace: 3000, end: 3000, ink: inkBad, result: "forced after 3.00 s"}},
	} {
		var got *graceLine
		if test.action == nil {
			got = predictedGrace(&document.Predicted{Stop: test.stop, Grace: document.Grace{Ms: test.grace},
				Signal: document.StopSignal{Name: "SIGTERM"}})
		} else {
			got = actionGrace(&document.Action{Action: "stop", DryRun: test.dry}, test.action)
		}
		if got != nil {
			got.zero = ""
		}
		if (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
			t.Errorf("%s: %+v, wanted %+v", name, got, test.want)
		}
	}
}
