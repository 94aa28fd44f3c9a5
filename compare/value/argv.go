package value

// Argv is a command line. Its line feeds and tabs stay, for a shell's script needs them: a layout writes it by [Argv.paste].
type Argv []string

// paste writes it so that it can be pasted into a shell, on one line.
func (a Argv) Paste() string { return Paste(a) }

// shown is the same for a line of prose: cut where it is long.
func (a Argv) Short() string {
	words := []rune(a.Paste())
	if len(words) <= 300 {
		return string(words)
	}
	return string(words[:300]) + "…"
}

func (a Argv) Clean() {
	for i := range a {
		a[i] = CleanLines(a[i])
	}
}
