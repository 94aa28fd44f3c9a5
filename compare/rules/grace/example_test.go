package grace_test

import (
	"fmt"

	"haltscope/compare/rules/grace"
)

// A container that was run with --stop-timeout 30.
func ExampleDecide() {
	seconds := 30
	fmt.Println(grace.Decide(grace.Settings{Container: &seconds, Engine: "28.5.1"}))
	fmt.Println(grace.Decide(grace.Settings{Engine: "28.5.1"}))
	// Output:
	// 30s docker run --stop-timeout 30
	// 10s docker's default
}
