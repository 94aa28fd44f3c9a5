package prediction

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"haltscope/compare/value"
)

// knowledge says how a habit is known.
type knowledge string

// The kinds of knowledge.
const (
	documented knowledge = "documented" // its manual says so
	run        knowledge = "run"        // it did so: testdata/servers.json has the recording
	read       knowledge = "read"       // its source code says so; that decides nothing, but says what is likely
)

// habit is what is known about a program or a runtime beyond what the kernel shows of its process. It decides only what that
// leaves open: a signal that the program is seen not to handle is none of its habits, whatever the table says.
type habit struct {
	programs []string // base names of the executable, or "busybox APPLET"; a * at the end matches anything
	// on are the interpreters that run it where it is a script. The names are then those of the script, or what it calls itself.
	on             []string
	childless      bool           // it holds only while the program has no child
	runtimeCatches []value.Signal // its runtime catches these, whether or not the program handles them

	endsOn     []value.Signal // its handler of these ends it at once, whatever its clients do
	idleEndsOn []value.Signal // the same, but not known while a client is connected
	failsOn    []value.Signal // its handler of these ends it at once, with an exit code for failure
	drainsOn   []value.Signal // it ends once its clients are done, which may take longer than the grace
	limitOn    []value.Signal // the same, but within limit
	finishesOn []value.Signal // it ends once it has saved or stopped something, whatever its clients do
	slowOn     []value.Signal // it ends after slow, which is its default
	seldomOn   []value.Signal // it may end on these, but as a rule it does not
	survives   []value.Signal // it handles these and keeps running

	limit, slow time.Duration

	text    string // what a report says about it; where it is "", it is made of the lists
	note    string // a part of the text that the lists do not say
	source  string
	version string // that was run
	known   knowledge
}

// habits returns all that is known by a program's name. Where several fit, the first counts. The table is made at its first use: it
// would take longer than everything else at the start of a command that needs none.
var habits = sync.OnceValue(func() []habit {
	return withText(slices.Concat(shells(), databases(), webServers(), proxies(), applications(), brokers(), monitoring(), networkDaemons(),
		mailAndFiles(), systemDaemons(), tools(), runtimes()))
})

// withText completes the text and the source of each habit.
func withText(all []habit) []habit {
	for i := range all {
		h := &all[i]
		if h.text == "" {
			h.text = h.sentence()
		}
		switch {
		case h.version != "":
			h.source += "; tested: " + h.version
		case h.known == read:
			h.source += "; read, not run"
		default:
			h.source += "; not run"
		}
	}
	return all
}

// sentence says what the lists of a habit say.
func (h *habit) sentence() string {
	var parts []string
	for _, part := range []struct {
		signals []value.Signal
		before  string
		after   string
	}{
		{h.endsOn, "ends at once on ", ""},
		{h.idleEndsOn, "ends on ", ", at once where no client is connected"},
		{h.failsOn, "ends at once with a failure code on ", ""},
		{h.drainsOn, "ends on ", " once its clients are done"},
		{h.limitOn, "ends on ", fmt.Sprintf(" once its clients are done, within %s", h.limit)},
		{h.finishesOn, "ends in order on ", ""},
		{h.slowOn, "ends on ", fmt.Sprintf(" after %s, unless it is configured otherwise", h.slow)},
		{h.seldomOn, "as a rule goes on after ", ""},
		{h.survives, "keeps running on ", ""},
	} {
		if len(part.signals) > 0 {
			parts = append(parts, part.before+signalList(part.signals)+part.after)
		}
	}
	text := strings.TrimSuffix(h.programs[0], "*") + " " + strings.Join(parts, "; it ")
	if h.note != "" {
		text += "; " + h.note
	}
	return text
}

// signalList names signals as a sentence does: TERM, INT and QUIT.
func signalList(signals []value.Signal) string {
	var names []string
	for _, s := range signals {
		names = append(names, value.ShortSignalName(s))
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// on returns signals by their names without SIG. It is for the table, whose names a test checks: one that is none panics.
func on(names string) (all []value.Signal) {
	for name := range strings.FieldsSeq(names) {
		signal, err := value.ParseSignal(name)
		if err != nil {
			panic(err)
		}
		all = append(all, signal)
	}
	return all
}

// habitOf returns what is known about a program; nil where nothing is. What is known about a script goes before what is known
// about its interpreter.
func habitOf(p *Process) *habit {
	var interpreter *habit
	all := habits()
	for i := range all {
		h := &all[i]
		switch {
		case h.childless && p.Children > 0:
		case len(h.on) > 0:
			if slices.ContainsFunc(h.on, p.runs) && slices.ContainsFunc(h.programs, p.isScript) {
				return h
			}
		case interpreter == nil && slices.ContainsFunc(h.programs, p.runs):
			interpreter = h
		}
	}
	return interpreter
}

// isScript reports whether an interpreter runs a script by that name: its argument, or what the script calls itself.
func (p *Process) isScript(name string) bool {
	title, _, _ := strings.Cut(p.Name, " ")
	for _, own := range []string{scriptName(p), title} {
		own = strings.TrimSuffix(path.Base(own), ":")
		if prefix, wild := strings.CutSuffix(name, "*"); own == name || wild && strings.HasPrefix(own, prefix) {
			return true
		}
	}
	return false
}

func (h *habit) is(program string) bool { return h != nil && slices.Contains(h.programs, program) }

func isShell(p *Process) bool { return habitOf(p).is("dash") }

// RuntimeCatches reports whether a program's runtime, other than Go's, catches a signal whether or not the program handles it.
func RuntimeCatches(p *Process, signal value.Signal) bool {
	h := habitOf(p)
	return h != nil && slices.Contains(h.runtimeCatches, signal)
}
