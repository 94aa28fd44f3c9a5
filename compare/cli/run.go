package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"haltscope/compare/cli/completion"
	"haltscope/compare/cli/plugin"
	"haltscope/compare/experiment/during"
	"haltscope/compare/fault"
)

// Run runs a command line and returns its exit code. The release is the version, or "" for a build that is none. The globals
// are those in the grammar, which is Kong's.
func Run(argv []string, release string, grammar any, globals *Globals, stdout, stderr io.Writer) (code int) {
	if during.Supervising(argv) { // haltscope has started itself, for --during
		return during.Supervise(argv)
	}
	defer catchExit(&code)
	version := versionNumber(release)
	call := plugin.Parse(argv)
	switch {
	case call.Metadata:
		return failedOrDone(plugin.Metadata(stdout, version))
	case call.Hook != "":
		return failedOrDone(plugin.Hook(stdout, call.Hook))
	case len(call.Args) == 1 && call.Args[0] == "--version": // needs no grammar, which takes longer than all the rest
		_, err := fmt.Fprintln(stdout, "haltscope "+version)
		return failedOrDone(err)
	}
	args := call.Args
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help":
		args = append(args[1:], "--help")
	}
	parser := newParser(grammar, call, version, stdout, stderr)
	if completion.Asked(call.Args) {
		return failedOrDone(completion.Answer(parser.Model, call.Args, completionNames(call.Flags), flagValues, stdout, stderr))
	}
	before, afterDash := cutAfterDash(joinNegative(args))
	hideActions(parser.Model, true)
	parsed, err := parser.Parse(before)
	hideActions(parser.Model, false)
	p := &Program{Globals: *globals, Args: args, AfterDash: afterDash, DockerFlags: call.Flags, Grammar: parser.Model, Version: version,
		Log: NewLog(*globals, stderr), Stdout: stdout, Stderr: stderr}
	if err == nil {
		p.formatGiven = os.Getenv("HALTSCOPE_FORMAT") != "" || slices.ContainsFunc(parsed.Path, func(step *kong.Path) bool {
			return step.Flag != nil && step.Flag.Name == "format"
		})
		err = errors.Join(noEmptyValue(parsed), globals.valid(parsed.Command()), noVolume(parsed.Command(), before))
	} else {
		err = misused(err, parser, before)
	}
	if err == nil {
		err = p.run(parsed, call)
	}
	var own exitStatus
	if errors.As(err, &own) {
		return int(own)
	}
	return Fail(p.Log, err)
}

// run runs the parsed command under a context that signals end.
func (p *Program) run(parsed *kong.Context, call plugin.Call) error {
	var gone <-chan struct{}
	if call.Plugin {
		gone = plugin.Gone()
	}
	stop := func() {}
	p.Context = context.Background()
	if c := parsed.Command(); c == "workload" || c == "watch" { // they handle their signals themselves
		terminateWhen(gone)
	} else {
		p.Context, stop = interruptible(p.Log, c, gone)
	}
	defer stop()
	err := parsed.Run(p)
	var own exitStatus
	if err != nil && p.Context.Err() != nil && !errors.Is(err, fault.ErrInterrupted) && !errors.As(err, &own) {
		err = fmt.Errorf("%w: %w", fault.ErrInterrupted, err)
	}
	return err
}

func newParser(grammar any, call plugin.Call, version string, stdout, stderr io.Writer) *kong.Kong {
	name, docker := "haltscope", "docker"
	if call.Plugin {
		name, docker = "docker haltscope", plugin.Docker()
	}
	parser, err := kong.New(grammar,
		kong.Name(name),
		kong.Description("Shows what docker kill, stop and pause really do to a container: what Docker says next to what the kernel knows."),
		kong.Vars{"version": "haltscope " + version, "docker": docker, "copied": copied, "times": times, "filters": filters},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Help(printHelp),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), duration),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
	)
	if err != nil {
		panic(err) // the grammar itself is wrong
	}
	if call.Plugin {
		plugin.Examples(parser.Model)
	}
	return parser
}

// printHelp prints the flags of a command before those of every command. It changes the grammar, so nothing must be parsed afterwards.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	hideActions(ctx.Model, false)
	global := &kong.Group{Key: "global", Title: "Flags of every command:"}
	if command := ctx.Selected(); command != nil {
		for _, f := range ctx.Model.Flags {
			if f.Name != "help" {
				f.Group = global
			}
		}
		command.Flags, ctx.Model.Flags = append(command.Flags, ctx.Model.Flags...), nil
	}
	return kong.DefaultHelpPrinter(options, ctx)
}

// misused returns the error for arguments that Kong could not parse.
func misused(err error, parser *kong.Kong, args []string) error {
	usage := &fault.UsageError{Text: err.Error(), Next: "see: " + parser.Model.Name + " --help"}
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Selected() != nil {
		command := wrong.Context.Selected()
		usage.Next = cmp.Or(graceMeant(command.Name, args), fault.Hint(err), publishMeant(command.Name, args), volumeMeant(command.Name, args),
			"see: "+command.FullPath()+" --help")
	}
	return usage
}

// noVolume returns an error if -v is followed by a mount, which would be read as an argument.
func noVolume(command string, args []string) error {
	command, _, _ = strings.Cut(command, " ")
	if hint := volumeMeant(command, args); hint != "" {
		return &fault.UsageError{Text: "-v shows the evidence, and takes no mount", Next: hint}
	}
	return nil
}

// valid reports what is wrong with the global flags of a command.
func (g *Globals) valid(command string) error {
	if g.Timeout <= 0 {
		return &fault.UsageError{Text: "--timeout must be longer than 0, such as 30s"}
	}
	return g.validFormat(command)
}

// exited carries an exit code out of Kong, which ends the program after --help.
type exited int

// catchExit sets the exit code that Kong wanted.
func catchExit(code *int) {
	switch r := recover().(type) {
	case nil:
	case exited:
		*code = int(r)
	default:
		panic(r)
	}
}

func failedOrDone(err error) int {
	if err != nil {
		return ExitFailed
	}
	return ExitDone
}
