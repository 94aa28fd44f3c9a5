package prediction

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
)

// TestAfterReboot checks what the daemon does with a container when the machine is started again.
func TestAfterReboot(t *testing.T) {
	off := &PolicyOff{Policy: "unless-stopped", Signal: unix.SIGHUP, At: time.Unix(0, 0)}
	for name, c := range map[string]struct {
		facts   Facts
		stop    Outcome
		kind    verdict.Kind
		because string
	}{
		"no policy":                {Facts{}, Outcome{}, StaysDown, "no restart policy"},
		"no":                       {Facts{RestartPolicy: "no"}, Outcome{}, StaysDown, "no restart policy"},
		"--rm":                     {Facts{AutoRemove: true}, Outcome{}, StaysDown, "--rm"},
		"swarm":                    {Facts{SwarmTask: true}, Outcome{}, Undecided, "swarm"},
		"always":                   {Facts{RestartPolicy: "always"}, Outcome{}, ComesBack, "always"},
		"always, signaled":         {Facts{RestartPolicy: "always", PolicyOff: off}, Outcome{}, ComesBack, "always"},
		"unless-stopped":           {Facts{RestartPolicy: "unless-stopped"}, Outcome{}, ComesBack, "unless somebody stops it"},
		"unless-stopped, signaled": {Facts{RestartPolicy: "unless-stopped", PolicyOff: off}, Outcome{}, StaysDown, "SIGHUP"},
		"unless-stopped, forgotten": {Facts{RestartPolicy: "unless-stopped", PolicyOffSince: time.Unix(0, 0)}, Outcome{}, ComesBack,
			"docker kill sent it a signal before 1970-01-01T00:00:00Z"},
		"unless-stopped, not stopped": {Facts{RestartPolicy: "unless-stopped", ManuallyStopped: ptr(false), PolicyOffSince: time.Unix(0, 0)},
			Outcome{}, ComesBack, "nobody has stopped it"},
		"unless-stopped, stopped": {Facts{RestartPolicy: "unless-stopped", ManuallyStopped: ptr(true), PolicyOffSince: time.Unix(0, 0)},
			Outcome{}, StaysDown, "turns the policy off"},
		"unless-stopped, unknown": {Facts{RestartPolicy: "unless-stopped", PolicyOffError: "denied"}, Outcome{}, Undecided, "denied"},
		"on-failure, forced":      {Facts{RestartPolicy: "on-failure"}, Outcome{ExitCodes: []int{137}}, ComesBack, "a failure code"},
		"on-failure, its own":     {Facts{RestartPolicy: "on-failure"}, Outcome{OwnExitCode: true}, Undecided, "if it ends with a failure"},
		"on-failure, unknown":     {Facts{RestartPolicy: "on-failure"}, Outcome{}, Undecided, "if it ends with a failure"},
		"on-failure, 0":           {Facts{RestartPolicy: "on-failure"}, Outcome{ExitCodes: []int{0, 143}}, Undecided, "if it ends"},
		"on-failure, used up": {Facts{RestartPolicy: "on-failure", MaxRetries: 3, Restarts: 3}, Outcome{ExitCodes: []int{137}}, StaysDown,
			"retries are used up"},
		"on-failure, one left": {Facts{RestartPolicy: "on-failure", MaxRetries: 3, Restarts: 2}, Outcome{ExitCodes: []int{137}}, ComesBack, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.facts.afterReboot(&c.stop)
			if got.Kind != c.kind || len(got.Because) != 1 || !strings.Contains(got.Because[0].Value, c.because) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestRisks checks what a stop puts at risk.
func TestRisks(t *testing.T) {
	none, some := uint64(0), uint64(4096)
	for name, c := range map[string]struct {
		facts Facts
		want  string // the kinds and names
	}{
		"nothing":        {Facts{}, ""},
		"tmpfs":          {Facts{Tmpfs: []string{"/a", "/b"}, ShmemBytes: &some}, "tmpfs /a /b"},
		"tmpfs, unknown": {Facts{Tmpfs: []string{"/a"}}, "tmpfs /a"},
		"empty tmpfs":    {Facts{Tmpfs: []string{"/a"}, ShmemBytes: &none}, ""},
		"--rm":           {Facts{AutoRemove: true, AnonymousVolumes: []string{"/data"}}, "writable-layer /data"},
		"clients":        {Facts{Work: Work{Connections: 3, Sessions: []string{"one"}}}, "clients"},
		"unsignaled":     {Facts{Unsignaled: []UnsignaledProcess{{Name: "a"}, {Name: "b"}, {Name: "a"}}}, "unsignaled a b"},
		"workers": {Facts{Unsignaled: []UnsignaledProcess{{Name: "app"}, {Name: "helper"}}, Target: SignalTarget{First: first()}},
			"unsignaled helper"},
		"sharers of its init": {Facts{Sharers: []Sharer{{Name: "web"}}, Target: SignalTarget{First: first()}}, "sharers web"},
		"sharers of another":  {Facts{Sharers: []Sharer{{Name: "web"}}, Target: SignalTarget{First: first(plain)}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range c.facts.risks() {
				got = append(got, strings.Join(append([]string{string(r.Kind)}, r.Names...), " "))
				if r.Kind == RiskClients && r.Count != 3 {
					t.Errorf("%d clients", r.Count)
				}
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("%q", got)
			}
		})
	}
}

// TestReasons checks the reasons of stops, and that every stop of a real server has one.
func TestReasons(t *testing.T) {
	facts := func(p Process, change ...func(*Facts)) Facts {
		f := Facts{Signal: term, Grace: 10 * time.Second, Target: SignalTarget{First: p}}
		for _, c := range change {
			c(&f)
		}
		return f
	}
	work := func(f *Facts) { f.Work.Connections = 1 }
	for name, c := range map[string]struct {
		facts Facts
		want  Reason
	}{
		"PID 1 without a handler":   {facts(first()), NoHandler},
		"another without a handler": {facts(first(plain)), DefaultEnds},
		"ignores":                   {facts(first(ignores)), IgnoresIt},
		"blocks":                    {facts(first(blocksTerm)), Blocks},
		"suspended":                 {facts(first(plain, halted)), Suspended},
		"a handler":                 {facts(first(catches)), Handles},
		"a handler, and clients":    {facts(first(catches), work), WorkInHand},
		"no grace":                  {facts(first(catches), func(f *Facts) { f.Grace = 0 }), NoGrace},
		"SIGKILL":                   {facts(first(), func(f *Facts) { f.Signal = unix.SIGKILL }), Unstoppable},
		"no such signal":            {facts(first(), func(f *Facts) { f.Signal = -1 }), NoSuchSignal},
		"frozen by others":          {facts(first(), func(f *Facts) { f.Frozen = ptr(true) }), IsFrozen},
		"stuck":                     {facts(first(), func(f *Facts) { f.Stuck = []Stuck{{PID: 100}} }), IsStuck},
		"not read":                  {Facts{Signal: term, Grace: time.Second, Target: SignalTarget{Error: "denied"}}, NotRead},
		"Go, not asked for":         {facts(first(catches, golang(ptr(false), nil))), NotAskedFor},
		"ends nothing":              {facts(first(plain), func(f *Facts) { f.Signal = unix.SIGWINCH }), EndsNothing},
		"first thread ended":        {facts(first(firstEnded)), Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Predict(c.facts).Stop; got.Reason != c.want {
				t.Errorf("%s: %s", got.Kind, got.Reason)
			}
		})
	}
	seen := map[Reason]int{}
	for _, s := range readServers(t) {
		seen[Predict(s.Facts).Stop.Reason]++
	}
	for reason, n := range seen {
		if reason == "" || !slices.Contains(StopReasons, reason) {
			t.Errorf("%d servers have the reason %q", n, reason)
		}
	}
	t.Log(seen)
}
