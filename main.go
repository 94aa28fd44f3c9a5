// The runtime need not look for a CPU limit of its own at each start: on a host of many containers that costs a millisecond.
//go:debug containermaxprocs=0

// Haltscope shows what docker kill, docker stop and docker pause really do to a container: Docker's account beside the
// kernel's.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haltscope/compare/command"
	"haltscope/compare/complete"
	"haltscope/compare/during"
	"haltscope/compare/fault"
	"haltscope/compare/plugin"
	"haltscope/compare/report"
	"haltscope/dockercli"
)

// Exit codes, as the README documents them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotMet      = 3
	exitUnfit       = 4
	exitNotFound    = 5
	exitInterrupted = 130
)

// version is set by a release build: -ldflags "-X main.version=1.2.3".
var version = ""

type grammar struct {
	command.Globals
	kong.Plugins
}

type commands struct {
	Compare command.Compare `cmd:"" help:"Do to twins what docker kill, stop and pause do, side by side, and measure what became of them."`
	Inspect command.Inspect `cmd:"" complete:"container" help:"Show containers as they are: what Docker says beside what the kernel knows, and who holds which memory."`
	Ps      command.Ps      `cmd:"" help:"List containers, a line for each: Docker's state, freezer, CPU, memory, and where Docker and the kernel disagree."`
	Reclaim command.Reclaim `cmd:"" complete:"running" help:"Give memory of paused containers back to the host, without ending them."`
	Predict command.Predict `cmd:"" complete:"running" help:"Say what docker stop, kill and pause would do to containers, and because of what, without touching them."`
	Check   command.Check   `cmd:"" complete:"image" help:"Stop a twin and hold that against expectations: a gate for a pipeline."`
	Kill    command.Kill    `cmd:"" complete:"running" help:"docker kill, and what it really did."`
	Stop    command.Stop    `cmd:"" complete:"running" help:"docker stop, and what it really did: who ended, how, and after what time."`
	Pause   command.Pause   `cmd:"" complete:"unpaused" help:"docker pause, and whether the kernel has frozen the container."`
	Unpause command.Unpause `cmd:"" complete:"paused" help:"docker unpause, and whether the kernel has thawed the container."`
	Start   command.Start   `cmd:"" complete:"stopped" help:"docker start, and what runs then."`
	Restart command.Restart `cmd:"" complete:"container" help:"docker restart, and how the run before it ended."`
	Watch   command.Watch   `cmd:"" help:"Write a line for each thing that happens to a container, with a verdict on why, as JSON on standard output."`
	Doctor  command.Doctor  `cmd:"" help:"Say whether this host is fit for all this, what each condition means and how to mend it."`
	Report  command.Report  `cmd:"" help:"Lay out a document again that was written with --format json, in any format, on any machine."`
	Clean   command.Clean   `cmd:"" help:"Remove the twins, networks and images that an interrupted run has left, and nothing that is not certainly haltscope's."`

	Completion command.Completion `cmd:"" grammar:"whole" help:"Print the script by which a shell completes command lines: bash, zsh or fish."`
	Man        command.Man        `cmd:"" grammar:"whole" help:"Print a manual page: haltscope(1), or that of a command."`
	Workload   command.Workload   `cmd:"" hidden:"" help:"The program inside the twins."`
}

// needed is what a command line takes of the grammar: of a command that it begins with, that one's part. To make all of it
// takes longer than many a command does.
func needed(args []string) kong.Plugins {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[commands]()) {
		if len(args) > 0 && args[0] == strings.ToLower(f.Name) && f.Tag.Get("grammar") != "whole" {
			return kong.Plugins{reflect.New(reflect.StructOf([]reflect.StructField{f})).Interface()}
		}
	}
	return kong.Plugins{&commands{}}
}

func main() {
	if during.Supervising(os.Args) {
		os.Exit(during.Supervise(os.Args))
	}
	os.Exit(run(os.Args, os.Stdout, os.Stderr))
}

// exited carries an exit code out of the flag parser, which ends the program after --help and --version.
type exited int

// run is the program.
func run(argv []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exited)
			if !ok {
				panic(r)
			}
			code = int(e)
		}
	}()
	call := plugin.Parse(argv)
	name, docker := "haltscope", "docker"
	var gone <-chan struct{}
	switch {
	case call.Metadata:
		if err := plugin.Metadata(stdout, versionNumber()); err != nil {
			return exitFailed
		}
		return exitDone
	case call.Plugin:
		name, docker, gone = "docker haltscope", plugin.Docker(), plugin.Gone()
	}
	who := "haltscope " + versionNumber()
	if len(call.Args) == 1 && call.Args[0] == "--version" { // needs no grammar, which takes longer than all the rest of it
		fmt.Fprintln(stdout, who)
		return exitDone
	}
	args := call.Args
	if len(args) > 0 && args[0] == "help" {
		args = append(args[1:], "--help")
	}
	g := grammar{Plugins: needed(args)}
	parser, err := kong.New(&g,
		kong.Name(name),
		kong.Description("Shows what docker kill, docker stop and docker pause really do to a container: what Docker says beside what the kernel knows."),
		kong.Vars{"version": who, "docker": docker},
		kong.DefaultEnvars("HALTSCOPE"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
	)
	if err != nil {
		panic(err) // the grammar itself is wrong
	}
	if call.Plugin {
		plugin.Examples(parser.Model)
	}
	if complete.Asked(call.Args) {
		if complete.Answer(parser.Model, call.Args, command.Names(call.Flags), stdout, stderr) != nil {
			return exitFailed
		}
		return exitDone
	}
	all := args
	args, behind := command.CutBehind(command.JoinNegative(args))
	parsed, err := parser.Parse(args)
	log := newLog(g.Globals, stderr)
	if err != nil {
		var wrong *kong.ParseError
		if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Selected() != nil {
			name = wrong.Context.Selected().FullPath()
		}
		return fail(log, &fault.UsageError{Text: err.Error(), Next: "see: " + name + " --help"})
	}
	if g.Timeout <= 0 {
		return fail(log, &fault.UsageError{Text: "--timeout takes a length of time above 0, such as 30s"})
	}
	if err := g.FitsFormat(parsed.Command()); err != nil {
		return fail(log, err)
	}
	ctx, stop := context.Background(), func() {}
	if c := parsed.Command(); c != "workload" && c != "watch" {
		ctx, stop = interruptible(log, c, gone)
	} else if gone != nil { // they handle their signals themselves
		go func() {
			<-gone
			unix.Kill(os.Getpid(), unix.SIGTERM)
		}()
	}
	defer stop()
	p := &command.Program{Globals: g.Globals, Args: all, Behind: behind, DockerFlags: call.Flags, Grammar: parser.Model, Version: versionNumber(),
		Context: ctx, Log: log, Stdout: stdout, Stderr: stderr}
	if err := parsed.Run(p); err != nil {
		var own command.ExitCode
		if errors.As(err, &own) {
			return int(own)
		}
		if ctx.Err() != nil && !errors.Is(err, fault.ErrInterrupted) {
			err = fmt.Errorf("%w: %w", fault.ErrInterrupted, err)
		}
		return fail(log, err)
	}
	return exitDone
}

// interruptible returns a context that SIGINT, SIGTERM and SIGHUP end, and a docker that is told to end. A second signal
// ends the program at once; docker's word is none, for the first signal may have come to both of us.
func interruptible(log zerolog.Logger, what string, gone <-chan struct{}) (context.Context, func()) {
	text := "interrupted: cleaning up; once more to end at once, and leave the rest to haltscope clean"
	if command.Acts(what) { // on containers that are the user's: nothing is cleaned up
		text = "interrupted: what docker was asked for may go on in the daemon; once more to end without a report"
	}
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	finished := make(chan struct{})
	go func() {
		for {
			select {
			case <-signals:
				signal.Stop(signals) // the next signal has its default action
			case <-gone:
				gone = nil
			case <-finished:
				return
			}
			if ctx.Err() == nil {
				cancel()
				log.Warn().Msg(text)
			}
		}
	}()
	// A reader of our output that went away must not end us before the twins are removed.
	signal.Notify(make(chan os.Signal, 1), unix.SIGPIPE)
	return ctx, func() { close(finished); signal.Stop(signals); cancel() }
}

// fail logs an error, the ones joined in it one by one, and returns the exit code for it.
func fail(log zerolog.Logger, err error) int {
	code := exitDone
	for _, one := range fault.Parts(err) {
		line := log.Error()
		if next := fault.Hint(one); next != "" {
			line = line.Str("next", next)
		}
		line.Msg(fault.Line(one))
		code = max(code, exitCode(one))
	}
	return code
}

func exitCode(err error) int {
	var usage *fault.UsageError
	var unfit *fault.UnfitError
	switch {
	case errors.Is(err, fault.ErrInterrupted):
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, fault.ErrNotMet):
		return exitNotMet
	case errors.As(err, &unfit):
		return exitUnfit
	case errors.Is(err, dockercli.ErrNotFound):
		return exitNotFound
	default:
		return exitFailed
	}
}

func newLog(g command.Globals, stderr io.Writer) zerolog.Logger {
	zerolog.TimeFieldFormat = time.RFC3339Nano
	level, err := zerolog.ParseLevel(g.LogLevel)
	if err != nil || g.LogLevel == "" { // the command line could not be parsed
		level = zerolog.InfoLevel
	}
	tty := report.Width(stderr) > 0
	// The console's writer gets the lines as JSON, too.
	if g.LogFormat == "console" || g.LogFormat != "json" && tty {
		stderr = zerolog.ConsoleWriter{Out: stderr, NoColor: !tty || os.Getenv("NO_COLOR") != "", PartsExclude: []string{zerolog.TimestampFieldName}}
	}
	return zerolog.New(report.LogWriter(stderr)).Level(level).With().Timestamp().Logger()
}

// versionNumber is the release's version, or what the build knows of the source it came from.
func versionNumber() string {
	if version != "" {
		return version
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
