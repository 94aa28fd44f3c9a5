package acceptance

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	rules "haltscope/compare/rules/prediction"
)

// remedy is a container whose stop does not end well, the advice on it, and what its stop comes to once that was followed.
type remedy struct {
	flags   string   // of docker create
	command []string // of haltscope-test/inits, unless image names another
	image   string
	change  rules.Change
	stopped bool     // the stop may end well, as far as can be seen before: the advice comes with a stop of 1 s
	program []string // what "program" stands for in the advice
	changed []string // the command with another program, where the advice is to change the program itself
	promise string   // the stop that is predicted then
	verdict string   // what comes of it
}

// words is a command without an argument that contains a space.
func words(command string) []string { return strings.Fields(command) }

// script is a command that has a shell run a script.
func script(shell, text string) []string { return append(words(shell), "-c", text) }

func (c *remedy) String() string {
	return strings.TrimSpace(string(c.change) + " " + c.flags + " " + strings.Join(c.command, " "))
}

// TestAdviceWorks follows each kind of advice to the letter: what is to be pasted is read from the line that is printed.
func TestAdviceWorks(t *testing.T) {
	if lab() {
		t.Skip("haltscope-test/inits is not in the lab")
	}
	t.Parallel()
	var ill patients
	for i := range remedies {
		c := remedies[i]
		ill = append(ill, &patient{remedy: c, name: fmt.Sprintf("haltscope-advice-%d-%d", os.Getpid(), i),
			createFlags: strings.Fields(c.flags), createCommand: c.command})
	}
	defer ill.remove()
	ill.start(t)
	ill.await(t, "be advised, or expect a stop that may end well", (*patient).examined)
	ill.stopUnadvised(t)
	var renewed []string
	for _, p := range ill {
		if p.follow(t); !p.created {
			renewed = append(renewed, p.name)
		}
	}
	mustDocker(t, append([]string{"rm", "--force"}, renewed...)...)
	ill.start(t)
	ill.await(t, "be as promised", func(p *patient) bool { return p.outcome == p.promise })
	for i, verdict := range ill.stop(t, "60") {
		t.Run(ill[i].String(), func(t *testing.T) {
			if p := ill[i]; !p.failed && verdict != p.verdict {
				t.Errorf("%q, followed by docker create %v %v: %s, wanted %s", p.line, p.createFlags, p.createCommand, verdict, p.verdict)
			}
		})
	}
}

// patient is the container of a remedy.
type patient struct {
	remedy
	name          string
	created       bool
	line          string   // the advice
	outcome       string   // predicted last, or its first candidate
	said          []string // predicted last: what to fix
	createFlags   []string
	createCommand []string
	failed        bool
}

type patients []*patient

func (all patients) names() (names []string) {
	for _, p := range all {
		names = append(names, p.name)
	}
	return names
}

func (all patients) remove() { dockerCmd(append([]string{"rm", "--force"}, all.names()...)...).Run() }

// start creates and starts the containers that are not there.
func (all patients) start(t *testing.T) {
	t.Helper()
	for _, p := range all {
		if p.created {
			continue
		}
		image := cmp.Or(p.image, "haltscope-test/inits")
		args := append([]string{"create", "--name", p.name, "--network", networkFor([]string{image})}, p.createFlags...)
		mustDocker(t, append(append(args, image), p.createCommand...)...)
		p.created = true
	}
	mustDocker(t, append([]string{"start"}, all.names()...)...)
}

// await predicts until each prediction is as wanted.
func (all patients) await(t *testing.T, what string, done func(*patient) bool) {
	t.Helper()
	left := slices.Clone(all)
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(time.Second) {
		var doc struct {
			Containers []struct {
				Stop          predicted
				Fix, Warnings []string
			}
		}
		readDocument(t, &doc, append([]string{"predict"}, left.names()...)...)
		var rest patients
		for i, c := range doc.Containers {
			p := left[i]
			p.outcome, p.said = strings.Split(c.Stop.text(), "|")[0], append(c.Fix, c.Warnings...)
			if !p.failed && !done(p) {
				rest = append(rest, p)
			}
		}
		if left = rest; len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			for _, p := range left {
				p.failed = true
				t.Errorf("%s (docker create %v %v) did not come to %s: predicted %s, %q", p, p.createFlags, p.createCommand, what, p.outcome, p.said)
			}
			return
		}
	}
}

// examined reports whether the advice is there, or comes with a stop.
func (p *patient) examined() bool {
	p.take(p.said)
	return p.line != "" || p.stopped && p.outcome == "graceful"
}

// take takes the advice from what is printed.
func (p *patient) take(fix []string) {
	if i := slices.IndexFunc(fix, adviceLines[p.change].MatchString); i >= 0 {
		p.line = fix[i]
	}
}

// stopUnadvised stops the containers that have no advice yet, within 1 s, and starts those again that are not made anew.
func (all patients) stopUnadvised(t *testing.T) {
	t.Helper()
	var rest patients
	for _, p := range all {
		if p.line == "" && !p.failed {
			rest = append(rest, p)
		}
	}
	if len(rest) == 0 {
		return
	}
	var doc struct{ Containers []struct{ Fix []string } }
	readDocument(t, &doc, append([]string{"stop", "-t", "1"}, rest.names()...)...)
	for i, c := range doc.Containers {
		if rest[i].take(c.Fix); rest[i].line == "" {
			rest[i].failed = true
			t.Errorf("%s: no advice to change %s in %q", rest[i], rest[i].change, c.Fix)
		}
	}
	mustDocker(t, append([]string{"start"}, rest.names()...)...)
	rest.await(t, "be ready again", func(p *patient) bool { return p.outcome == "graceful" })
}

// stop stops all, and returns the verdicts.
func (all patients) stop(t *testing.T, grace string) (verdicts []string) {
	t.Helper()
	var doc actionReport
	readDocument(t, &doc, append([]string{"stop", "-t", grace}, all.names()...)...)
	for _, c := range doc.Containers {
		kind := "none"
		if c.Verdict != nil {
			kind = c.Verdict.Kind
		}
		verdicts = append(verdicts, kind)
	}
	return verdicts
}

// adviceLines are the lines that are printed, and what is to be pasted from them.
var adviceLines = map[rules.Change]*regexp.Regexp{
	rules.UseSignal:    regexp.MustCompile(`STOPSIGNAL SIG\S+ in the image, or .docker run --stop-signal SIG`),
	rules.UseInit:      regexp.MustCompile(`^run it under an init, .docker run --init`),
	rules.DropOption:   regexp.MustCompile(`remove (.+) from its arguments`),
	rules.ExecForm:     regexp.MustCompile("^a shell does not forward .* with `exec (program)`"),
	rules.TrapForm:     regexp.MustCompile(`: .(program & trap '[^']*' \w+; wait \$!)`),
	rules.TrapLoop:     regexp.MustCompile(`(trap 'kill \$!; wait; exit 0' \w+). at its start, .* in the background: .(program & wait \$!).$`),
	rules.TrapExit:     regexp.MustCompile(`and exit: .(trap '[^']*' \w+).$`),
	rules.LookAgain:    regexp.MustCompile(`old(?: and waits for \S+)?: it may yet .*; look again later, .haltscope (predict \S+).$`),
	rules.Handle:       regexp.MustCompile(`(?:^|: )handle (?:the signal|SIG)[^:]*(?:: .(signal\.signal\(.*sys\.exit\(0\)\)))?`),
	rules.EndInHandler: regexp.MustCompile(`^if its SIG\w+ handler returns, and the program goes on: end the program in the handler$`),
	rules.Unblock:      regexp.MustCompile(`unblock the signal, or accept it with sigwait or signalfd`),
	rules.Continue:     regexp.MustCompile(`before it continues: .(docker kill --signal CONT \S+).$`),
	rules.Detach:       regexp.MustCompile(`detach the tracer$`),
	rules.MoreGrace:    regexp.MustCompile(`allow a longer grace, .docker run --stop-timeout SECONDS`),
	rules.MoreCPU:      regexp.MustCompile(`allow more, .(docker update --cpus 1 \S+)., or a longer grace`),
	rules.AddOption:    regexp.MustCompile(`: add (\S+) to its arguments$`),
	rules.NoWrapper:    regexp.MustCompile(`start \S+ without \S+ in front of it`),
	rules.StopServices: regexp.MustCompile(`have a shell stop them, .(program & trap '[^']*' \w+; wait \$!)`),
	rules.Thaw:         regexp.MustCompile(`while it is frozen: .(echo .*).$`),
	rules.HostKill:     regexp.MustCompile(`A signal from the host does: .(kill .*).$`),
	rules.Reap:         regexp.MustCompile(`does not wait for its \d+ ended children, .*: have it wait for them \(waitpid\)`),
	rules.MoreTasks:    regexp.MustCompile(`raise it, .(docker update --pids-limit NUMBER \S+).$`),
}

// runFlags are flags of docker run that an advice names.
var runFlags = regexp.MustCompile(`docker run (--[a-z-]+)(?: (SIG[A-Z0-9+-]+|SECONDS))?`)

// follow makes the container as it is advised, or runs what is to be pasted.
func (p *patient) follow(t *testing.T) {
	t.Helper()
	if p.failed {
		return
	}
	found := adviceLines[p.change].FindStringSubmatch(p.line)
	program := strings.Join(p.program, " ")
	command := p.command
	switch p.change {
	case rules.Continue, rules.MoreCPU, rules.MoreTasks:
		paste := strings.Fields(strings.ReplaceAll(found[1], "NUMBER", "100"))
		mustDocker(t, paste[1:]...)
		return
	case rules.DropOption:
		command = words(strings.Replace(strings.Join(command, " "), found[1]+" ", "", 1))
	case rules.AddOption:
		command = append(slices.Clone(command), found[1])
	case rules.ExecForm, rules.NoWrapper:
		command = p.program
	case rules.StopServices:
		text := strings.Replace(strings.Replace(found[1], "program", program, 1), "DIR", "/s", 1)
		command = p.withScript(strings.Replace(command[len(command)-1], "exec "+program, text, 1))
	case rules.TrapForm:
		command = p.withScript(strings.Replace(found[1], "program", program, 1))
	case rules.TrapLoop:
		command = p.withScript(found[1] + "; while :; do " + strings.Replace(found[2], "program", program, 1) + "; done")
	case rules.TrapExit:
		command = p.withScript(regexp.MustCompile(`trap '[^']*' \w+`).ReplaceAllLiteralString(p.command[len(p.command)-1], found[1]))
	case rules.Handle:
		command = p.changed
		if found[1] != "" {
			command = []string{"python3", "-c", "import signal, sys, time; " + found[1] + "; time.sleep(3600)"}
		}
	case rules.EndInHandler, rules.Unblock, rules.Reap:
		command = p.changed
	}
	p.createCommand = command
	for _, flag := range runFlags.FindAllStringSubmatch(p.line, -1) {
		p.createFlags = append(p.createFlags, flag[1])
		if flag[2] != "" {
			p.createFlags = append(p.createFlags, strings.Replace(flag[2], "SECONDS", "60", 1))
		}
	}
	p.created = false
}

// withScript returns the command with another script for its shell.
func (p *patient) withScript(text string) []string {
	return append(slices.Clone(p.command[:len(p.command)-1]), text)
}

// TestAdviceIsApplied checks that each kind of change is applied by a test.
func TestAdviceIsApplied(t *testing.T) {
	t.Parallel()
	applied := map[rules.Change]bool{}
	for _, c := range remedies {
		applied[c.change] = true
	}
	for _, c := range checkRemedies {
		applied[c.change] = true
	}
	for _, change := range rules.Changes() {
		if _, elsewhere := adviceElsewhere[change]; applied[change] == elsewhere {
			t.Errorf("%s: applied here: %t, elsewhere: %t", change, applied[change], elsewhere)
		}
	}
}

// TestCheckAdviceWorks does the same for what haltscope check advises.
func TestCheckAdviceWorks(t *testing.T) {
	if lab() {
		t.Skip("haltscope-test/inits is not in the lab")
	}
	for _, c := range checkRemedies {
		t.Run(string(c.change), func(t *testing.T) {
			t.Parallel()
			if c.waitStatus && !kernelTraces() {
				t.Skip("this kernel does not report how processes other than the first ended")
			}
			out, err := exec.Command(haltscope, append(words("check --format json"), c.before...)...).Output()
			if err == nil || !c.line.Match(out) {
				t.Errorf("before: %v, no %s in %s", err, c.line, out)
			}
			if out, err := exec.Command(haltscope, append(words("check --format table"), c.after...)...).CombinedOutput(); err != nil {
				t.Errorf("after: %v: %s", err, out)
			}
		})
	}
}
