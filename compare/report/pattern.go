package report

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is made when it is first needed: most commands need none.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
