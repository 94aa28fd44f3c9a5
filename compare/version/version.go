// Package version compares the versions of kernels, of container engines and of Docker's API.
package version

import (
	"regexp"
	"sync"

	"golang.org/x/mod/semver"
)

// The first two numbers of a version. Many a version is not a semantic one beyond them: 4.18.0-553.el8_10.x86_64,
// 5.15.153.1-microsoft-standard-WSL2.
var majorMinor = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]+\.[0-9]+`) })

// AtLeast reports whether a version is at least another one, such as "6.15", by their first two numbers. known is false
// where text is no version.
func AtLeast(text, least string) (newer, known bool) {
	v := "v" + majorMinor().FindString(text)
	return semver.IsValid(v) && semver.Compare(v, "v"+least) >= 0, semver.IsValid(v)
}
