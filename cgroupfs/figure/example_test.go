package figure_test

import (
	"fmt"

	"haltscope/cgroupfs/figure"
)

// A limit of zero, no limit, and a kernel without such a limit are three different answers.
func Example() {
	for _, limit := range []figure.Figure{
		figure.Parse([]byte("0\n")),
		figure.Parse([]byte("max\n")),
		figure.Without(figure.Unsupported),
	} {
		if v, ok := limit.Value(); ok {
			fmt.Println("limited to", v)
		} else {
			fmt.Println("no number:", limit.State())
		}
	}
	// Output:
	// limited to 0
	// no number: max
	// no number: unsupported
}
