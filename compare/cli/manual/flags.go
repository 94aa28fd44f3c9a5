package manual

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"haltscope/compare/value"
)

// special matches the characters that Markdown could take for markup.
var special = value.Pattern("[\\\\`*_{}\\[\\]()#+!|<>~&]")

// flagsOf returns the arguments and flags of a command as Markdown definition lists, one list per group of flags. For the
// program itself it returns the flags of every command.
func flagsOf(app *kong.Application, command string) (string, error) {
	node := app.Node
	if command != Program {
		i := slices.IndexFunc(app.Children, func(n *kong.Node) bool { return n.Name == command })
		if i < 0 {
			return "", fmt.Errorf("manual page of %s: no such command", command)
		}
		node = app.Children[i]
	}
	var out strings.Builder
	for _, arg := range node.Positional {
		fmt.Fprintf(&out, "*%s*\n:   %s\n\n", escape(arg.Name), escape(arg.Help))
	}
	group := ""
	for _, f := range node.Flags {
		if f.Hidden {
			continue
		}
		if f.Group != nil && f.Group.Title != group {
			group = f.Group.Title
			fmt.Fprintf(&out, "### %s\n\n", group)
		}
		fmt.Fprintf(&out, "%s\n:   %s\n\n", flagTerm(f), escape(flagHelp(f)))
	}
	return out.String(), nil
}

// flagTerm returns how a flag is written: its names and, unless it is a switch, its value.
func flagTerm(f *kong.Flag) string {
	term := "**--" + escape(f.Name) + "**"
	if f.Short != 0 {
		term = "**-" + escape(string(f.Short)) + "**, " + term
	}
	if f.IsBool() {
		return term
	}
	value := f.PlaceHolder
	if value == "" {
		value = strings.ToUpper(f.Name)
	}
	return term + "=*" + escape(value) + "*"
}

// flagHelp returns what a flag does, its default and its environment variables.
func flagHelp(f *kong.Flag) string {
	help := f.Help
	if f.Default != "" && !f.IsBool() && f.PlaceHolder == "" {
		help += " Default: " + f.Default + "."
	}
	if len(f.Envs) > 0 {
		help += " Environment: " + strings.Join(f.Envs, ", ") + "."
	}
	return help
}

// escape writes plain text as Markdown.
func escape(s string) string { return special().ReplaceAllString(s, `\$0`) }
