package value

// Argv is a command line. Its line feeds and tabs stay, because a shell script needs them. Layouts write it by [Argv.Paste].
type Argv []string

// Paste returns the command line on one line, to be pasted into a shell.
func (a Argv) Paste() string { return Paste(a) }

// Short is [Argv.Paste] for a line of prose: a long one is cut.
func (a Argv) Short() string {
	words := []rune(a.Paste())
	if len(words) <= 300 {
		return string(words)
	}
	return string(words[:300]) + "…"
}

// Clean makes the arguments safe for a terminal: see [CleanLines].
func (a Argv) Clean() {
	for i := range a {
		a[i] = CleanLines(a[i])
	}
}
