package cli

import "runtime/debug"

// versionNumber returns the version of a release, or "devel" and the commit that the build knows.
func versionNumber(release string) string {
	if release != "" {
		return release
	}
	text := "devel"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				text += " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return text
}
