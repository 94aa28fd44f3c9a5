package target

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Fix puts advice into words, one line each, with what is to be pasted between backquotes. container is the name of a running container
// to change; "" for one that is gone, such as a twin. later says how to do the same later, where it was done too early; see [LookAgain].
func Fix(all []prediction.Advice, container, later string) []string {
	lines := []string{}
	for i := range all {
		if text := adviceText(&all[i], container, later); text != "" {
			lines = append(lines, text)
		}
	}
	return lines
}

// FixAndWarn tells advice to change something from that to look again: nothing is to be fixed yet, and the prediction may not hold.
func FixAndWarn(all []prediction.Advice, container, later string) (fix, warnings []string) {
	early := func(a prediction.Advice) bool { return a.Change == prediction.LookAgain }
	late := func(a prediction.Advice) bool { return !early(a) }
	return Fix(slices.DeleteFunc(slices.Clone(all), early), container, later),
		Fix(slices.DeleteFunc(slices.Clone(all), late), container, later)
}

// What to do later.
const (
	StopTwinLater     = "stop the twin later, --ready-after DURATION or --ready-log REGEX"
	PredictTwinsLater = "look at the twin later, --baseline DURATION"
	StopLater         = "let it start before it is stopped"
)

// LookAgain says how to predict later.
func LookAgain(container string) string {
	return "look again later, `haltscope predict " + value.Quote(container) + "`"
}

// What a longer grace and an init are set by.
const (
	setGrace = "`docker run --stop-timeout SECONDS`, `docker stop -t SECONDS`"
	setInit  = "`docker run --init`"
)

// atOnce says what a stop without a handler comes to.
const atOnce = "the signal then ends it at once, and nothing is saved"

func adviceText(a *prediction.Advice, container, later string) string {
	switch a.Change {
	case prediction.UseSignal:
		return useSignalText(a)
	case prediction.UseInit:
		return "run it under an init, " + setInit + " (in compose: `init: true`): " + cmp.Or(ends(a), "its child then gets the signal")
	case prediction.DropOption:
		return dropOptionText(a)
	case prediction.ExecForm:
		return execText(a)
	case prediction.TrapForm, prediction.TrapLoop, prediction.TrapExit:
		return trapText(a)
	case prediction.LookAgain:
		return lookAgainText(a, later)
	case prediction.Handle:
		return handleText(a)
	case prediction.EndChildren:
		return endChildrenText(a)
	case prediction.StopServices:
		return fmt.Sprintf(stopServices, a.Program)
	case prediction.ExitCode:
		return exitCodeText(a)
	}
	if text, ok := expectationTexts[a.Change]; ok {
		return text
	}
	return processText(a, container)
}

// processText is about what a process does, or what keeps it from acting on a signal.
func processText(a *prediction.Advice, container string) string {
	sent := value.SignalName(a.Signal)
	switch a.Change {
	case prediction.NoWrapper:
		return noWrapperText(a)
	case prediction.AddOption:
		return fmt.Sprintf("%s does not end on %s, unless it is told to: add %s to its arguments", a.Program, sent, a.Option)
	case prediction.AddCapability:
		return fmt.Sprintf("%s cannot end without CAP_%s: `docker run --cap-add %[2]s`", a.Program, a.Option)
	case prediction.EndInHandler:
		return fmt.Sprintf("if its %s handler returns, and the program goes on: end the program in the handler", sent)
	case prediction.Unblock:
		return fmt.Sprintf("it blocks %s and does not accept it: unblock the signal, or accept it with sigwait or signalfd; signal masks are "+
			"inherited, so check what started it too", sent)
	case prediction.KillLater:
		return fmt.Sprintf("have what sends SIGKILL to %s wait until it has ended; that is %[1]s itself, if it kills its process group",
			a.Program)
	case prediction.FirstThread:
		return fmt.Sprintf("have %s end its first thread last (pthread_join, or a loop in main): signals then reach it", a.Program)
	case prediction.HostKill:
		return fmt.Sprintf("its first thread has ended, and no docker command reaches it. A signal from the host does: `%s`", a.Paste)
	case prediction.Thaw:
		return fmt.Sprintf("%s cannot act on a signal while it is frozen: `%s`", cmp.Or(a.Program, "the program"), a.Paste)
	case prediction.Continue:
		return fmt.Sprintf("%s is stopped, and only SIGKILL can end it before it continues: `docker kill --signal CONT %s`", a.Program,
			named(container))
	case prediction.Detach:
		return fmt.Sprintf("a tracer (a debugger) holds %s, and only SIGKILL can end it before it continues: detach the tracer", a.Program)
	}
	return strainText(a, container)
}

// expectationTexts are about expectations of a stop.
var expectationTexts = map[prediction.Change]string{
	prediction.MoreMemory:  "allow more memory (`docker run --memory`), or make the shutdown use less",
	prediction.EndSooner:   "end sooner after the signal, or allow more time: --within",
	prediction.SaveRecords: "write buffered records to disk before it ends, or acknowledge records later",
}

// strainText is about what slows a handler down.
func strainText(a *prediction.Advice, container string) string {
	sent := value.SignalName(a.Signal)
	switch a.Change {
	case prediction.MoreGrace:
		return graceText(a)
	case prediction.MoreCPU:
		text := fmt.Sprintf("it may use only %.4g CPUs", a.CPUs)
		if a.Throttle > 0 {
			text = fmt.Sprintf("its CPU quota kept it from running for %s of %s", duration(a.Throttle), duration(a.Grace))
		}
		return fmt.Sprintf("%s: allow more, `docker update --cpus 1 %s`, or a longer grace: %s", text, named(container), setGrace)
	case prediction.MoreTasks:
		return fmt.Sprintf("its pids limit is full, so a %s handler that must fork fails: raise it, `docker update --pids-limit NUMBER %s`", sent,
			named(container))
	case prediction.Reap:
		return reapText(a)
	case prediction.MoreHigh:
		return fmt.Sprintf("its memory is at memory.high, which slows its %s handler down: `%s`", sent, a.Paste)
	}
	return ""
}

func named(container string) string { return cmp.Or(container, "CONTAINER") }

func duration(d time.Duration) string { return value.Duration(value.Milliseconds(d)) }

// ends says what a stop comes to that saves nothing; "" for others.
func ends(a *prediction.Advice) string {
	if a.Ends == verdict.Terminated {
		return atOnce
	}
	return ""
}

// with reports whether something else is to be changed as well.
func with(a *prediction.Advice, change prediction.Change) bool {
	return slices.Contains(a.With, change)
}

// setSignal says how to set the stop signal.
func setSignal(signal value.Signal) string {
	return fmt.Sprintf("STOPSIGNAL %s in the image, or `docker run --stop-signal %[1]s`", value.SignalName(signal))
}

func useSignalText(a *prediction.Advice) string {
	name := value.SignalName(a.Signal)
	text := map[prediction.Reason]string{
		prediction.NoSuchSignal: a.Sent + " is not a valid signal: use one that is",
		prediction.Unstoppable:  "no program can handle " + a.Sent + ": use another stop signal",
		prediction.NotForwarded: a.Program + " does not forward " + a.Sent + ": use another stop signal",
		prediction.EndsNothing:  a.Sent + " does not end a process by default: use another stop signal",
		prediction.Handles:      "it handles " + name + ": if that ends it, make it the stop signal",
		prediction.KnownToEnd:   a.Program + " is known to end on " + name + ": make it the stop signal",
		prediction.Interactive:  "an interactive shell ignores " + a.Sent + " by design, and ends on SIGHUP: make that the stop signal",
	}[a.Why]
	text += ", " + setSignal(a.Signal)
	if with(a, prediction.UseInit) {
		text += ", and run it under an init, " + setInit
	}
	if at := ends(a); at != "" {
		text += ": " + at
	}
	return text
}

// stopServices has a shell stop the services of runsvdir, which signals none of them itself.
const stopServices = "%s signals none of its services: have a shell stop them, `program & trap 'sv -w 60 force-stop DIR/*; kill -TERM " +
	"$!; wait $!; exit 0' TERM; wait $!`"

func dropOptionText(a *prediction.Advice) string {
	if a.Why == prediction.ChildOnly {
		return fmt.Sprintf("%s signals its child only: remove %s from its arguments, and it signals the process group", a.Program, a.Option)
	}
	return fmt.Sprintf("%s is configured to forward another signal than %s, or none: remove %s from its arguments", a.Program, a.Sent,
		a.Option)
}

func endChildrenText(a *prediction.Advice) string {
	text := "have the program end its children, and wait for them, before it exits"
	if a.Why == prediction.Apart {
		text += ": they are in a process group or a session of their own (setsid, set -m), which no init signals"
	}
	return text
}

func exitCodeText(a *prediction.Advice) string {
	if a.Why == prediction.Failed {
		return "look for an error in what it printed, and have it return 0 after its shutdown; if this code is meant, expect it: --exit-code"
	}
	return "exit with one of the expected codes after the shutdown, or expect this one: --exit-code"
}

func reapText(a *prediction.Advice) string {
	text := fmt.Sprintf("%s does not wait for its %d ended children, which fill the pids limit: have it wait for them (waitpid)", a.Program,
		a.Count)
	if a.Why == prediction.ForAdopted {
		text += "; an init, " + setInit + ", waits only for those whose parent has ended"
	}
	return text
}

func noWrapperText(a *prediction.Advice) string {
	text := fmt.Sprintf("%s kills %s before it has ended, or leaves it to be killed: start %[2]s without %[1]s in front of it",
		a.Wrapper, a.Program)
	if with(a, prediction.UseInit) {
		text += ", and run it under an init, " + setInit
	}
	if at := ends(a); at != "" {
		text += ": " + at
	}
	return text
}

func execText(a *prediction.Advice) string {
	text := fmt.Sprintf("a shell does not forward %s: start %s in exec form, `CMD [\"program\"]`, or with `exec program` as the script's "+
		"last command",
		value.SignalName(a.Signal), cmp.Or(a.Command, "the program"))
	if len(a.Scripts) > 0 {
		text += fmt.Sprintf(", in each script on the way (%s)", strings.Join(a.Scripts, ", "))
	}
	if with(a, prediction.UseInit) {
		text += ", and run it under an init, " + setInit
	}
	return text + ": " + cmp.Or(ends(a), "the program itself then gets the signal")
}

// passOn is a trap that passes a signal on as SIGTERM, which a background job of a shell does not ignore, and ends with the program.
const passOn = "trap 'kill -TERM $!; wait $!; exit $?' %s"

func trapText(a *prediction.Advice) string {
	trap := fmt.Sprintf(passOn, trapName(a.Signal))
	switch {
	case a.Change == prediction.TrapLoop:
		return fmt.Sprintf("end the script from a trap, `trap 'kill $!; wait; exit 0' %s` at its start, and run its commands in the "+
			"background: `program & wait $!`",
			trapName(a.Signal))
	case a.Change == prediction.TrapExit:
		return fmt.Sprintf("if the trap ran and the script went on: have the trap end %s, wait for it, and exit: `%s`",
			cmp.Or(a.Command, "the program"), trap)
	case a.Why == prediction.TrapWaits:
		return fmt.Sprintf("the shell's trap runs only after %s, its foreground command, has ended: start it in the background: "+
			"`program & %s; wait $!`",
			cmp.Or(a.Command, "the program"), trap)
	}
	text := fmt.Sprintf("pass the signal on to %s: `program & %s; wait $!`", cmp.Or(a.Command, "the program"), trap)
	if at := ends(a); at != "" {
		text += "  # " + at
	}
	return text
}

// trapName returns a signal as every shell takes it: busybox knows no names of real-time signals, dash no STKFLT, mksh no IO.
func trapName(signal value.Signal) string {
	name := value.SignalName(signal)
	if signal >= 32 || name == "SIGSTKFLT" || name == "SIGIO" || name == "SIGPOLL" {
		return fmt.Sprint(int(signal))
	}
	return value.ShortSignalName(signal)
}

func lookAgainText(a *prediction.Advice, later string) string {
	text := fmt.Sprintf("%s is %s old", a.Program, duration(a.Age))
	if a.Command != "" {
		text += fmt.Sprintf(" and waits for %s: it may yet start another program", a.Command)
	} else {
		text += ": it may yet install a handler"
	}
	return text + "; " + later
}

func handleText(a *prediction.Advice) string {
	name := value.SignalName(a.Signal)
	text := "handle " + name + " in " + cmp.Or(a.Program, "the program")
	if a.Wrapper != "" {
		text += fmt.Sprintf(" (what %s, in front of it, does with the signal saves nothing of it)", a.Wrapper)
	}
	if a.Why == prediction.IgnoresIt {
		text = fmt.Sprintf("%s ignores %s: handle the signal instead; ignored signals are inherited, so check what started it too (nohup, "+
			"trap '')",
			a.Program, name)
	}
	switch a.Runtime {
	case "go":
		text += fmt.Sprintf(": `signal.NotifyContext(ctx, syscall.%s)`, and exit when the context is done", name)
	case "node":
		text += fmt.Sprintf(": `process.on('%s', () => server.close(() => process.exit(0)))`", name)
	case "python":
		text += fmt.Sprintf(": `signal.signal(signal.%s, lambda *_: sys.exit(0))`", name)
	}
	if with(a, prediction.ExecForm) {
		text += "; and start it in exec form, `CMD [\"program\"]`, or with `exec program`, so that it gets the signal"
	}
	if with(a, prediction.UseSignal) {
		text += "; and make that the stop signal, " + setSignal(a.Signal)
	}
	return text
}

func graceText(a *prediction.Advice) string {
	name := value.SignalName(a.Signal)
	switch a.Why {
	case prediction.WorkInHand:
		return fmt.Sprintf("%s ends on %s once its work is done: allow a longer grace, %s", a.Program, name, setGrace)
	case prediction.MayHaveHandler:
		return "or, if it has a handler that needs longer: allow a longer grace, " + setGrace
	}
	return fmt.Sprintf("if its %s handler needs longer than %s: allow a longer grace, %s, or make the handler end sooner", name, a.Grace,
		setGrace)
}
