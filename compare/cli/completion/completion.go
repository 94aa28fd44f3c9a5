// Package completion completes command lines for a shell. The grammar is Kong's; the shell scripts and the protocol between
// script and program are cobra's.
//
// Docker's own completion uses cobra's protocol with its plugins (docker/cli, cli-plugins/manager/cobra.go), so docker haltscope
// completes as well. Kong's own companions do not use it: kongplete and kong-completion use the protocol of posener/complete,
// which has no descriptions, and king writes fixed scripts without container names. Cobra and pflag take 0.9 MB of the program
// (4 %), and no measurable part of its start.
package completion

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/spf13/cobra"
)

// Candidate is a possible completion and its description.
type Candidate struct{ Name, About string }

// Names returns the names of a kind, which is the value of the tag complete:"" in the grammar. The function flag returns the
// value of a flag on the command line, or its default.
type Names func(kind string, flag func(name string) string) []Candidate

// Values returns the values of a flag of a command, where its enum does not say them; nil if it does, or they are not known.
type Values func(command, flag string) []string

// Asked reports whether a shell asks for completions.
func Asked(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// Answer writes the completions of a command line for the shell.
func Answer(app *kong.Application, args []string, names Names, values Values, stdout, stderr io.Writer) error {
	if dash := slices.Index(args, "--"); dash >= 0 && dash < len(args)-1 {
		names = nil // what follows is the command of a twin
	}
	root := tree(app, names, values)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return root.Execute()
}

// Script writes the completion script for bash, zsh or fish.
func Script(app *kong.Application, shell string, w io.Writer) error {
	root := tree(app, nil, nil)
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(w, true)
	case "zsh":
		return root.GenZshCompletion(w)
	case "fish":
		return root.GenFishCompletion(w, true)
	}
	return fmt.Errorf("no completion for %s", shell)
}

// tree returns the grammar as cobra commands, which do nothing.
func tree(app *kong.Application, names Names, values Values) *cobra.Command {
	root := &cobra.Command{Use: "haltscope", SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true}}
	addFlags(root, root, app.Flags, names, values)
	for _, node := range app.Children {
		if node.Hidden {
			continue
		}
		c := &cobra.Command{Use: node.Name, Short: node.Help, Run: func(*cobra.Command, []string) {}}
		c.ValidArgsFunction = arguments(node, names)
		root.AddCommand(c)
		addFlags(c, root, node.Flags, names, values)
	}
	return root
}

// addFlags adds flags to a command. Those of the root apply to every command.
func addFlags(c, root *cobra.Command, flags []*kong.Flag, names Names, values Values) {
	set := c.Flags()
	if c == root {
		set = c.PersistentFlags()
	}
	for _, f := range flags {
		short := ""
		if f.Short != 0 {
			short = string(f.Short)
		}
		if f.Hidden || f.Name == "help" { // cobra adds --help
			continue
		}
		if f.IsBool() {
			set.BoolP(f.Name, short, false, f.Help)
			continue
		}
		if f.IsSlice() { // cobra offers an array flag again
			set.StringArrayP(f.Name, short, nil, f.Help)
		} else {
			set.StringP(f.Name, short, defaultOf(f), f.Help)
		}
		c.RegisterFlagCompletionFunc(f.Name, flagValue(f, names, values))
	}
}

// defaultOf returns the value of a flag that is not given: its environment variable, which Kong has not read yet, or its
// default.
func defaultOf(f *kong.Flag) string {
	for _, name := range f.Envs {
		if v, ok := os.LookupEnv(name); ok {
			return v
		}
	}
	return f.Default
}

// flagValue completes the value of a flag.
func flagValue(f *kong.Flag, names Names, values Values) cobra.CompletionFunc {
	usual := usualValue(f, names)
	return func(c *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
		if values != nil {
			if all := values(c.Name(), f.Name); all != nil {
				return listed(all, toComplete)
			}
		}
		return usual(c, args, toComplete)
	}
}

// listed completes the last value of a list that commas separate. After a value that ends in "=" the shell puts no space.
func listed(values []string, toComplete string) (all []string, directive cobra.ShellCompDirective) {
	before := toComplete[:strings.LastIndex(toComplete, ",")+1]
	for _, v := range values {
		if strings.HasPrefix(before+v, toComplete) {
			all = append(all, before+v)
		}
	}
	directive = cobra.ShellCompDirectiveNoFileComp
	if slices.ContainsFunc(values, func(v string) bool { return strings.HasSuffix(v, "=") }) {
		directive |= cobra.ShellCompDirectiveNoSpace
	}
	return all, directive
}

// usualValue completes the value of a flag by its enum or its tag.
func usualValue(f *kong.Flag, names Names) cobra.CompletionFunc {
	kind := f.Tag.Get("complete")
	switch {
	case f.Enum != "":
		return cobra.FixedCompletions(f.EnumSlice(), cobra.ShellCompDirectiveNoFileComp)
	case kind == "file":
		return files
	case kind != "":
		return func(c *cobra.Command, _ []string, toComplete string) ([]string, cobra.ShellCompDirective) {
			return matching(c, names, kind, toComplete, nil), cobra.ShellCompDirectiveNoFileComp
		}
	}
	return cobra.NoFileCompletions
}

// files lets the shell complete file names.
func files(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// arguments completes the arguments of a command: by the tag of the command, by their enum, or not at all.
func arguments(node *kong.Node, names Names) cobra.CompletionFunc {
	kind := node.Tag.Get("complete")
	one := len(node.Positional) == 1 && !node.Positional[0].IsCumulative() || kind == "image"
	return func(c *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
		switch {
		case names == nil:
			return nil, cobra.ShellCompDirectiveDefault
		case one && len(args) > 0:
			return nil, cobra.ShellCompDirectiveNoFileComp
		case kind != "":
			return matching(c, names, kind, toComplete, args), cobra.ShellCompDirectiveNoFileComp
		case len(node.Positional) == 1 && node.Positional[0].Enum != "":
			return node.Positional[0].EnumSlice(), cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// matching returns the names of a kind that start with a prefix and are not given yet.
func matching(c *cobra.Command, names Names, kind, prefix string, given []string) (all []string) {
	if names == nil {
		return nil
	}
	flag := func(name string) string {
		if f := c.Flag(name); f != nil {
			return f.Value.String()
		}
		return ""
	}
	for _, n := range names(kind, flag) {
		if strings.HasPrefix(n.Name, prefix) && !slices.Contains(given, n.Name) {
			all = append(all, cobra.CompletionWithDesc(n.Name, n.About))
		}
	}
	return all
}
