package report

import "haltscope/compare/document"

// replacedLines says what a twin has in place of each mount that it could change something through.
func replacedLines(all []document.ReplacedMount) (lines []string) {
	for _, r := range all {
		of := r.Source
		if r.Type == "volume" {
			of = "the volume " + r.Source
		}
		line := r.Destination + ": "
		switch r.By {
		case document.Copy:
			line += "a copy of " + of
		case document.ReadOnly:
			line += of + ", read-only"
		case document.NothingMounted:
			line += "nothing, in place of " + of
		case document.NewVolume:
			line += "a new volume, in place of " + of
		default: // of a later version
			line += string(r.By) + ", in place of " + of
		}
		if r.Because != "" {
			line += " (" + r.Because + ")"
		}
		lines = append(lines, line)
	}
	return lines
}
