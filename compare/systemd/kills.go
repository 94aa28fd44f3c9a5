package systemd

import (
	"strconv"
	"strings"
	"time"

	"haltscope/compare/value"
)

// Kill is a signal from a program that frees memory before the kernel has to. Neither Docker nor the kernel counts it.
type Kill struct {
	At     time.Time
	By     string // systemd-oomd or earlyoom
	Signal value.Signal
	Text   string // what it logged, without the arguments of the process: they may be secrets

	// Of systemd-oomd, which ends all processes of a cgroup:
	Cgroup string
	Done   bool // it has sent the signal, rather than only announced it

	// Of earlyoom, which ends one process, and does not log its cgroup:
	PID  int // in the initial PID namespace
	Name string
}

// The units, as the journal names them.
const (
	oomdUnit     = "systemd-oomd.service"
	earlyoomUnit = "earlyoom.service"
)

// oomdForm matches what systemd-oomd logs when it ends a cgroup. Before version 258, it logged this when it had done so.
//
//	Killed /system.slice/docker-61a1….scope due to memory pressure for /system.slice being 71.36% > 50.00% for > 20s with reclaim activity
//	Marked /system.slice/docker-61a1….scope for killing due to memory used (…) / total (…) and swap used (…) / …
//
// Source: systemd, src/oom/oomd-manager.c, in versions 247 to 260.
var oomdForm = value.Pattern(`^(Killed|Marked) (/\S+)(?: for killing)? due to memory (?:used|pressure) `)

func (p *parser) oomd(message []byte, at time.Time) {
	m := oomdForm().FindSubmatch(message)
	if m == nil {
		return
	}
	p.sent = false
	p.past.Kills = append(p.past.Kills, Kill{At: at, By: "systemd-oomd", Signal: value.SIGKILL, Text: string(message), Cgroup: string(m[2]),
		Done: string(m[1]) == "Killed"})
}

// earlyoomForm matches what earlyoom logs right before it sends a signal.
//
//	sending SIGTERM to process 4242 uid 0 "java": oom_score 890, oom_score_adj 0, VmRSS 812 MiB, cmdline "java -jar app.jar"
//	sending SIGTERM to process 4242 uid 0 "java": badness 890, VmRSS 812 MiB
//
// Source: earlyoom, kill.c, in versions 1.9 and 1.7. A process chooses its name, of 15 bytes at most.
var earlyoomForm = value.Pattern(`^sending (SIGTERM|SIGKILL) to process ([0-9]{1,10}) uid [0-9]+ "(.{0,15})": (?:badness|oom_score) `)

// earlyoom parses that line, and what earlyoom may log next about the same process (kill.c, kill_wait):
//
//	escalating to SIGKILL after 0.300 seconds
//	dryrun, not actually sending any signal
//	kill failed: Operation not permitted
func (p *parser) earlyoom(message []byte, at time.Time) {
	text := string(message)
	last := len(p.past.Kills) - 1
	switch {
	case p.sent && strings.HasPrefix(text, "escalating to SIGKILL "):
		again := p.past.Kills[last]
		again.At, again.Signal, again.Text = at, value.SIGKILL, text
		p.past.Kills = append(p.past.Kills, again)
		return
	case p.sent && (strings.HasPrefix(text, "dryrun, ") || strings.HasPrefix(text, "kill failed: ")):
		p.past.Kills, p.sent = p.past.Kills[:last], false
		return
	}
	m := earlyoomForm().FindSubmatch(message)
	if m == nil {
		return
	}
	pid, err := strconv.ParseUint(string(m[2]), 10, 31)
	if err != nil || pid == 0 {
		return
	}
	signal := value.SIGTERM
	if string(m[1]) == "SIGKILL" {
		signal = value.SIGKILL
	}
	p.sent = true
	text, _, _ = strings.Cut(text, `, cmdline "`)
	p.past.Kills = append(p.past.Kills, Kill{At: at, By: "earlyoom", Signal: signal, Text: text, PID: int(pid), Name: string(m[3])})
}
