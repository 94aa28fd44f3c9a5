// Haltscope shows what docker kill, stop and pause really do to a container: what Docker says next to what the kernel knows.
package main

import (
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"haltscope/compare/cli"
)

// version is set by a release build: -ldflags "-X main.version=1.2.3".
var version = ""

// grammar is the whole command line. Kong builds it in 1.5 ms; one command alone takes 0.3 ms (BenchmarkGrammar), but the
// difference is 2 % of a ps of 200 containers.
type grammar struct {
	cli.Globals

	Compare cli.Compare `cmd:"" help:"Run kill, stop and pause on throwaway containers, side by side, and compare the results."`
	Inspect cli.Inspect `cmd:"" complete:"container" set:"all=running and paused containers" help:"Show a container: what Docker says, what the kernel knows, and who holds its memory."`
	Ps      cli.Ps      `cmd:"" help:"List containers, one line each, and where Docker and the kernel disagree."`
	Reclaim cli.Reclaim `cmd:"" complete:"running" set:"all=paused containers; with --running, running ones as well" help:"Return memory of paused containers to the host without ending them."`
	Predict cli.Predict `cmd:"" complete:"running" set:"all=running and paused containers" help:"Predict what docker stop, kill and pause would do, and why, without touching the containers."`
	Check   cli.Check   `cmd:"" complete:"image" help:"Stop a throwaway container and check the result against expectations: a gate for CI."`
	Kill    cli.Kill    `cmd:"" complete:"running" set:"all=running and paused containers" help:"Run docker kill and report what it actually did."`
	Stop    cli.Stop    `cmd:"" complete:"running" set:"all=running and paused containers" help:"Run docker stop and report what it actually did."`
	Pause   cli.Pause   `cmd:"" complete:"unpaused" set:"all=running containers that are not paused" help:"Run docker pause and report whether the kernel froze the container."`
	Unpause cli.Unpause `cmd:"" complete:"paused" set:"all=paused containers" help:"Run docker unpause and report whether the kernel thawed the container."`
	Start   cli.Start   `cmd:"" complete:"stopped" set:"all=containers that have ended or were never started" help:"Run docker start and report what is running."`
	Restart cli.Restart `cmd:"" complete:"container" set:"all=running and paused containers" help:"Run docker restart and report how the previous run ended."`
	Watch   cli.Watch   `cmd:"" help:"Write one line for each thing that happens to a container, with a verdict."`
	Why     cli.Why     `cmd:"" complete:"container" help:"Explain afterwards how containers ended, and why."`
	Doctor  cli.Doctor  `cmd:"" help:"Check whether haltscope can run here, and say how to fix what is missing."`
	Report  cli.Report  `cmd:"" help:"Re-render a saved JSON report, or the journal of a watch, in another format."`
	Clean   cli.Clean   `cmd:"" help:"Remove what interrupted runs left behind: throwaway containers, their networks and images."`

	Schema     cli.Schema     `cmd:"" help:"Print the JSON Schema of a report."`
	Completion cli.Completion `cmd:"" help:"Print a completion script for bash, zsh or fish."`
	Man        cli.Man        `cmd:"" help:"Print a manual page: haltscope(1), or that of a command."`
	Workload   cli.Workload   `cmd:"" hidden:"" help:"The program inside the throwaway containers."`
}

// AfterApply sets a soft limit on the memory of a watch, which runs for months, unless the user has set one. A watch of 1,000
// containers and 320,000 events then takes at most 28 MiB resident instead of 41 MiB, and 1.5 times the CPU time (scripts/bench
// follow). A lower GOGC adds nothing to that; and ps collects no garbage before it ends, even for 200 containers. A predict of 100
// would, and takes a quarter less time on a busy machine without that: it collects none below 256 MiB, unless the user has set GOGC.
func (*grammar) AfterApply(parsed *kong.Context) error {
	if os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	switch command, _, _ := strings.Cut(parsed.Command(), " "); command {
	case "watch":
		debug.SetMemoryLimit(20 << 20)
	case "predict":
		if os.Getenv("GOGC") == "" {
			debug.SetMemoryLimit(256 << 20)
			debug.SetGCPercent(-1)
		}
	}
	return nil
}

func main() { os.Exit(run(os.Args, os.Stdout, os.Stderr)) }

// run is the program without its exit.
func run(argv []string, stdout, stderr io.Writer) int {
	var g grammar
	return cli.Run(argv, version, &g, &g.Globals, stdout, stderr)
}
