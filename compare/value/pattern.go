package value

import (
	"regexp"
	"sync"
)

// Pattern returns a regular expression that is compiled when it is first needed: most commands need few of them.
func Pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
