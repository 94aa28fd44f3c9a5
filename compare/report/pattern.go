package report

import (
	"regexp"
	"sync"
)

// pattern returns a regular expression that is compiled at its first use: most commands need none.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
