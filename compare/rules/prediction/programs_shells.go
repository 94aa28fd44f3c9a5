package prediction

// shells returns the habits of shells, which are judged by their commands and traps as well: see shell.go.
func shells() []habit {
	return []habit{
		{
			programs: []string{"busybox sh", "busybox ash", "busybox hush", "dash", "ash", "bash", "sh", "ksh*", "zsh*", "mksh"},
			text:     "a shell forwards no signal, and runs a trap only after its foreground command has ended",
			source:   "POSIX.1-2017, Shell Command Language, 2.11", version: "dash 0.5.12, bash 5.2, busybox 1.35", known: run,
		},
	}
}
