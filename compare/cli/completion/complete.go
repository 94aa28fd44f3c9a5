// Package completion answers a shell that asks how a command line can go on. The grammar is kong's; the scripts for the
// shells, and the protocol in which they ask, are cobra's.
//
// Docker's own completion asks its plugins in cobra's protocol (docker/cli, cli-plugins/manager/cobra.go): with it, docker
// haltscope completes as well. Kong's own companions do not speak it: kongplete and kong-completion use that of
// posener/complete, which has no descriptions, and king writes fixed scripts, which know no container. Cobra and pflag take
// 0.9 MB of the program (4 %), and no measurable part of its start.
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

// Shells are those that there is a script for.
var Shells = []string{"bash", "zsh", "fish"}

// Candidate is a name that could stand here, and what it is.
type Candidate struct{ Name, About string }

// Names finds the names of a kind: the value of the tag complete:"" in the grammar. It is given the value of a flag of
// the command line, and what flags say by default, by name.
type Names func(kind string, flag func(name string) string) []Candidate

// Asked reports whether the arguments are a shell's question.
func Asked(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// Answer answers a shell's question.
func Answer(app *kong.Application, args []string, names Names, stdout, stderr io.Writer) error {
	if behind := slices.Index(args, "--"); behind >= 0 && behind < len(args)-1 {
		names = nil // the command of a twin
	}
	root := tree(app, names)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return root.Execute()
}

// Script writes the script that makes a shell ask.
func Script(app *kong.Application, shell string, w io.Writer) error {
	root := tree(app, nil)
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

// tree is the grammar as cobra knows one. Its commands do nothing.
func tree(app *kong.Application, names Names) *cobra.Command {
	root := &cobra.Command{Use: "haltscope", SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true}}
	addFlags(root, root, app.Flags, names)
	for _, node := range app.Children {
		if node.Hidden {
			continue
		}
		c := &cobra.Command{Use: node.Name, Short: node.Help, Run: func(*cobra.Command, []string) {}}
		c.ValidArgsFunction = arguments(node, names)
		root.AddCommand(c)
		addFlags(c, root, node.Flags, names)
	}
	return root
}

// addFlags adds the flags; those of the grammar's root are every command's.
func addFlags(c, root *cobra.Command, flags []*kong.Flag, names Names) {
	set := c.Flags()
	if c == root {
		set = c.PersistentFlags()
	}
	for _, f := range flags {
		short := ""
		if f.Short != 0 {
			short = string(f.Short)
		}
		if f.Hidden || f.Name == "help" { // which cobra has
			continue
		}
		if f.IsBool() {
			set.BoolP(f.Name, short, false, f.Help)
			continue
		}
		// To cobra, an array is what may be given, and so offered, again.
		if f.IsSlice() {
			set.StringArrayP(f.Name, short, nil, f.Help)
		} else {
			set.StringP(f.Name, short, valueOf(f), f.Help)
		}
		c.RegisterFlagCompletionFunc(f.Name, value(f, names))
	}
}

// valueOf is what the flag is without being given: its variable, which kong has not read yet, or its default.
func valueOf(f *kong.Flag) string {
	for _, name := range f.Envs {
		if v, ok := os.LookupEnv(name); ok {
			return v
		}
	}
	return f.Default
}

// value completes a flag's value.
func value(f *kong.Flag, names Names) cobra.CompletionFunc {
	kind := f.Tag.Get("complete")
	switch {
	case f.Enum != "":
		return cobra.FixedCompletions(f.EnumSlice(), cobra.ShellCompDirectiveNoFileComp)
	case kind == "file":
		return files
	case kind != "":
		return func(c *cobra.Command, _ []string, toComplete string) ([]string, cobra.ShellCompDirective) {
			return found(c, names, kind, toComplete, nil), cobra.ShellCompDirectiveNoFileComp
		}
	}
	return cobra.NoFileCompletions
}

// files leaves it to the shell.
func files(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// arguments completes a command's arguments: as the tag of the command says, by their enum, or not at all.
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
			return found(c, names, kind, toComplete, args), cobra.ShellCompDirectiveNoFileComp
		case len(node.Positional) == 1 && node.Positional[0].Enum != "":
			return node.Positional[0].EnumSlice(), cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// found lists the names of a kind that begin so and are not there yet.
func found(c *cobra.Command, names Names, kind, toComplete string, there []string) (all []string) {
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
		if strings.HasPrefix(n.Name, toComplete) && !slices.Contains(there, n.Name) {
			all = append(all, cobra.CompletionWithDesc(n.Name, n.About))
		}
	}
	return all
}
