package value

import (
	"golang.org/x/mod/semver"
)

// majorMinor matches the first two numbers of a version. Beyond them, the version of a kernel need not be a semantic one:
// 4.18.0-553.el8_10.x86_64, 5.15.153.1-microsoft-standard-WSL2.
var majorMinor = Pattern(`^[0-9]+\.[0-9]+`)

// VersionAtLeast reports whether the version of a kernel, of an engine or of its API is at least another one, such as "6.15",
// by their first two numbers. known is false if text is no version.
func VersionAtLeast(text, least string) (newer, known bool) {
	v := "v" + majorMinor().FindString(text)
	return semver.IsValid(v) && semver.Compare(v, "v"+least) >= 0, semver.IsValid(v)
}
