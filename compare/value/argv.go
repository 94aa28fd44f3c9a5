package value

// Argv is a command line. Its line feeds and tabs stay, because a shell script needs them; [Argv.Paste] quotes them.
type Argv []string

// maxShort bounds [Argv.Short], in characters.
const maxShort = 300

// Paste returns the command on one line, quoted for a shell.
func (a Argv) Paste() string { return Paste(a) }

// Short returns the command as Paste does, cut to 300 characters for a line of prose.
func (a Argv) Short() string {
	text := []rune(a.Paste())
	if len(text) <= maxShort {
		return string(text)
	}
	return string(text[:maxShort]) + "…"
}

// Clean applies [CleanLines] to each argument.
func (a Argv) Clean() {
	for i := range a {
		a[i] = CleanLines(a[i])
	}
}
