package expectation_test

import (
	"fmt"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/rules/expectation"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// A program needed 2.5 s to end after SIGTERM, and was expected to end within 2 s.
func Example() {
	limit := 2 * time.Second
	expected := expectation.Expectations{Within: &limit, NoSIGKILL: true}
	stop := expectation.Stop{
		Verdict: verdict.Verdict{Kind: verdict.Graceful},
		Run: &document.Run{State: document.State{ExitCode: value.Known(0)},
			Timing: document.Timing{EffectMs: value.Known(2500.0)}},
		Ends:      &verdict.Ends{},
		Predicted: &prediction.Facts{Signal: value.SIGTERM, Grace: 10 * time.Second},
	}

	judged := expected.Judge(&stop)
	for _, e := range judged {
		if met, known := e.Pass.Get(); known {
			fmt.Printf("%s: want %s, got %s, met: %t\n", e.Name, e.Want, e.Got, met)
		}
	}
	why, advice := expectation.Explain(&stop, judged)
	fmt.Println(why, advice[0].Change)
	// Output:
	// within: want at most 2.00 s, got 2.50 s, met: false
	// no-sigkill: want no SIGKILL, got none, met: true
	// it handles SIGTERM, but takes longer than that to end end-sooner
}
