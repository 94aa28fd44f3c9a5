package prediction

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// text returns the kind of an outcome, or its candidates.
func text(o *Outcome) string {
	if o.Kind != Undecided {
		return string(o.Kind)
	}
	var all []string
	for _, k := range o.Candidates {
		all = append(all, string(k))
	}
	return strings.Join(all, "|")
}

func TestPredictAction(t *testing.T) {
	kill := func(s unix.Signal) Action { return Action{Verb: "kill", Signal: s} }
	stop := func(s unix.Signal, seconds int) Action {
		grace := time.Duration(seconds) * time.Second
		return Action{Verb: "stop", Signal: s, Grace: &grace}
	}
	thaws := func(s unix.Signal) func(*Facts) {
		return func(f *Facts) { f.ConfiguredSignal, f.StopSignalSet = s, true }
	}
	thawed := func(f *Facts) { f.Paused = true }
	both := func(f *Facts) { f.Paused, f.Requested, f.Frozen = true, ptr(false), ptr(true) }
	for name, c := range map[string]struct {
		facts Facts
		verb  Action
		want  string
		codes []int
		after time.Duration // −1: none
		why   string        // in a reason
	}{
		"kill":                          {facts(first(catches)), Action{Verb: "kill"}, "killed", []int{137}, 0, "no process can handle"},
		"kill KILL":                     {facts(first(catches)), kill(unix.SIGKILL), "killed", []int{137}, 0, "no process can handle"},
		"kill, caught":                  {facts(first(catches)), kill(term), "graceful|runs-on", nil, -1, "no SIGKILL after it"},
		"kill, another than it catches": {facts(first(catches)), kill(intr), "runs-on", nil, -1, "keeps running"},
		"kill, ignored":                 {facts(first(ignores)), kill(term), "runs-on", nil, -1, "ignores SIGTERM"},
		"kill, blocked":                 {facts(first(blocksTerm)), kill(term), "runs-on|graceful", nil, -1, "blocks SIGTERM"},
		"kill, default":                 {facts(first(plain)), kill(usr1), "terminated", []int{138}, 0, "default action"},
		"kill, default, first":          {facts(first()), kill(usr1), "runs-on", nil, -1, "the kernel drops SIGUSR1"},
		"kill, nginx": {facts(first(program("nginx"), func(p *Process) { p.Caught = set(quit) })), kill(quit),
			"graceful|runs-on", nil, -1, ""},
		"kill, paused":              {facts(first(catches), paused), kill(term), "graceful|runs-on", nil, -1, "thaws it"},
		"kill, paused, stop signal": {facts(first(catches), paused, thaws(term)), kill(term), "graceful|runs-on", nil, -1, "thaws it"},
		"kill, paused, not its signal": {facts(first(catches), paused, thaws(intr)), kill(term), "paused", nil, -1,
			"only for its configured stop signal, SIGINT"},
		"kill, paused, default, v2": {facts(first(plain), paused, thaws(intr)), kill(term), "terminated", []int{143}, 0, "frozen"},
		"kill, paused, default, v1": {facts(first(plain), paused, v1, thaws(intr)), kill(term), "paused", nil, -1,
			"stays pending until a thaw"},
		"kill, frozen outside": {facts(first(catches), frozen), kill(term), "frozen-outside-docker", nil, -1, "not by Docker"},
		"stop, as it is":       {facts(first(catches)), Action{Verb: "stop"}, "graceful|forced", []int{137}, 10 * time.Second, ""},
		"stop, another signal": {facts(first(catches)), stop(intr, 3), "forced", []int{137}, 3 * time.Second,
			"the stop signal is SIGINT"},
		"stop, a signal it catches": {facts(first(catches), signal(intr)), stop(term, 3), "graceful|forced", []int{137}, 3 * time.Second,
			"catches SIGTERM"},
		"stop, SIGKILL":  {facts(first(catches)), stop(unix.SIGKILL, 3), "killed", []int{137}, 0, ""},
		"stop, no grace": {facts(first(catches)), stop(0, 0), "forced|graceful", []int{137}, 0, "SIGKILL follows at once"},
		"stop, for ever": {facts(first(catches)), stop(0, -1), "graceful|inconclusive", nil, -1, "unlimited"},
		"stop, paused, not its signal": {facts(first(catches), paused, thaws(intr)), stop(term, 3), "forced", []int{137}, 3 * time.Second,
			"only for its configured stop signal, SIGINT"},
		"stop, paused, its own signal": {facts(first(catches), paused, thaws(term)), Action{Verb: "stop"}, "graceful|forced", []int{137},
			10 * time.Second, "itself thaws the container"},
		"restart is a stop": {facts(first()), Action{Verb: "restart"}, "forced", []int{137}, 10 * time.Second, "drops SIGTERM"},
		"kill CONT": {facts(first()), Action{Verb: "kill", Signal: unix.SIGCONT}, "runs-on", nil, -1,
			"resumes it if it was stopped"},
		"pause, paused":                {facts(first(), paused), Action{Verb: "pause"}, "refused", nil, -1, "already paused"},
		"pause":                        {facts(first()), Action{Verb: "pause"}, "paused", nil, 0, "no cooperation"},
		"unpause":                      {facts(first(), paused), Action{Verb: "unpause"}, "resumed", nil, 0, "continue where they were frozen"},
		"unpause what is not":          {facts(first()), Action{Verb: "unpause"}, "refused", nil, -1, "not paused"},
		"unpause what another froze":   {facts(first(), frozen), Action{Verb: "unpause"}, "refused", nil, -1, "not by Docker"},
		"unpause what another thawed":  {facts(first(), thawed), Action{Verb: "unpause"}, "refused", nil, -1, "refuses to resume"},
		"unpause below what is frozen": {facts(first(), both), Action{Verb: "unpause"}, "frozen-outside-docker", nil, -1, "stays frozen"},
		"unpause, the freezer not known": {facts(first(), thawed, func(f *Facts) { f.Frozen = nil }), Action{Verb: "unpause"}, "resumed", nil, 0,
			"unknown"},
		"start what runs":      {facts(first()), Action{Verb: "start"}, "unchanged", nil, -1, "already running"},
		"start what is paused": {facts(first(), paused), Action{Verb: "start"}, "refused", nil, -1, "docker unpause"},
	} {
		o := PredictAction(c.facts, c.verb)
		after := time.Duration(-1)
		if o.After != nil {
			after = *o.After
		}
		if text(&o) != c.want || !slices.Equal(o.ExitCodes, c.codes) || after != c.after {
			t.Errorf("%s: %s, codes %v, after %s; wanted %s, %v, %s\n%v", name, text(&o), o.ExitCodes, after, c.want, c.codes, c.after, o.Because)
		}
		if !slices.ContainsFunc(o.Because, func(b Evidence) bool { return strings.Contains(b.Value, c.why) }) {
			t.Errorf("%s: %q is in none of %v", name, c.why, o.Because)
		}
		if c.verb.Verb == "kill" && strings.Contains(o.DecidedBy, "grace") || o.Kind == Undecided && o.DecidedBy == "" {
			t.Errorf("%s: decides %q", name, o.DecidedBy)
		}
	}
}

func TestPredictIdle(t *testing.T) {
	for _, c := range []struct {
		status string
		verb   value.Verb
		want   string
	}{ // with --stop-signal INT
		{"exited", "stop", "unchanged"}, {"created", "stop", "unchanged"},
		{"exited", "kill", "refused"}, {"exited", "pause", "refused"}, {"exited", "unpause", "refused"},
		{"exited", "start", "started"}, {"created", "start", "started"}, {"exited", "restart", "started"},
		{"dead", "start", "refused"}, {"removing", "restart", "refused"},
		{"restarting", "stop", "cancelled"}, {"restarting", "kill", "cancelled"}, {"restarting", "restart", "started"},
		{"restarting", "start", "unchanged"}, {"restarting", "pause", "refused"}, {"restarting", "unpause", "refused"},
	} {
		o := PredictIdle(Idle{c.status, intr, "always"}, Action{Verb: c.verb})
		if text(&o) != c.want || len(o.Because) == 0 || o.Kind == Undecided && o.DecidedBy == "" {
			t.Errorf("%s, %s: %s (%v), wanted %s", c.status, c.verb, text(&o), o.Because, c.want)
		}
	}
}

// Some signals that are sent to a container while its restart policy waits cancel its next start.
func TestKillBetweenStarts(t *testing.T) {
	for _, c := range []struct {
		signal, stop unix.Signal // stop: the configured one
		want         verdict.Kind
	}{
		{unix.SIGHUP, 0, Cancelled}, {unix.SIGHUP, intr, Unchanged}, {intr, intr, Cancelled}, {unix.SIGKILL, intr, Cancelled},
	} {
		if o := PredictIdle(Idle{"restarting", c.stop, "unless-stopped"}, Action{Verb: "kill", Signal: c.signal}); o.Kind != c.want {
			t.Errorf("%v, stop signal %v: %s, wanted %s", c.signal, c.stop, o.Kind, c.want)
		}
	}
}

// A stop with another signal than the configured one waits for what the policy may start meanwhile.
func TestStopBetweenStarts(t *testing.T) {
	for verb, want := range map[value.Verb]string{"stop": "cancelled|killed", "restart": "started|killed"} {
		if o := PredictIdle(Idle{"restarting", intr, "always"}, Action{Verb: verb, Signal: unix.SIGHUP}); text(&o) != want || o.DecidedBy == "" {
			t.Errorf("%s: %s, wanted %s", verb, text(&o), want)
		}
	}
}
