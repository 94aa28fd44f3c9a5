package verdict

import (
	"strings"
	"testing"
	"time"

	"haltscope/compare/value"
)

// sent returns what the kernel reported of signals to the first process.
func sent(signals ...SentSignal) *Sent {
	for i := range signals {
		signals[i].First, signals[i].Number = true, i
		if signals[i].From == "" {
			signals[i].From = "bash (pid 4711)"
		}
	}
	return &Sent{Signals: signals}
}

// Who sent the signal decides where Docker's events do not say it, and where the exit code could mean two things.
func TestSent(t *testing.T) {
	const ms = time.Millisecond
	outside := SentSignal{Signal: 9, At: 3000 * ms, By: FromOutside}
	docker := func(signal value.Signal, at time.Duration) SentSignal {
		return SentSignal{Signal: signal, At: at, By: FromDocker, From: "runc"}
	}
	lossy := sent()
	lossy.Incomplete = "3 records were lost"
	init := &SignalTarget{PID: 7, Name: "app", Init: "docker-init"}
	toChild := &Sent{Signals: []SentSignal{{Signal: 9, To: 7, By: FromWithin, From: "its own process sh"}}}
	for _, c := range []struct {
		name    string
		facts   Facts
		want    Kind
		sender  Sender
		because string
		sentBy  int // the signal's number; -1 for none
	}{
		{"kill -9 on the host", Facts{State: exited(137), Wait: byKill(9), Sent: sent(outside)}, Killed, Outside,
			"SIGKILL from bash (pid 4711)", 0},
		{"the same where the kernel gives no wait status", Facts{State: exited(137), Sent: sent(outside)}, Killed, Outside,
			"SIGKILL from bash (pid 4711)", 0},
		{"the program's own 137", Facts{State: exited(137), Sent: sent()}, Crashed, "", "no SIGKILL was sent to it", -1},
		{"137 where records were lost", Facts{State: exited(137), Sent: lossy}, Inconclusive, "", "", -1},
		{"137 where nobody looked", Facts{State: exited(137)}, Inconclusive, "", "", -1},
		{"its own process", Facts{State: exited(137), Wait: byKill(9), Sent: sent(SentSignal{Signal: 9, By: FromWithin,
			From: "its own process sh"})}, Killed, Within, "SIGKILL from its own process sh", 0},
		{"in the middle of a stop", stop(Facts{Grace: ptr(time.Minute), Events: kills(15), State: exited(137), Wait: byKill(9),
			Sent: sent(docker(15, 0), outside)}), Killed, Outside, "SIGKILL from bash (pid 4711), 3.00 s into a grace of 1m0s", 1},
		{"before Docker's own SIGKILL, which came too late", stop(Facts{Events: killsEvery(10000*ms, 15, 9), State: exited(137),
			Wait: byKill(9), Sent: sent(docker(15, 0), outside, docker(9, 10000*ms))}), Killed, Outside, "SIGKILL from bash (pid 4711)", 1},
		{"Docker's SIGKILL, and another one after it", stop(Facts{Events: killsEvery(10000*ms, 15, 9), State: exited(137),
			Wait: byKill(9), Sent: sent(docker(15, 0), docker(9, 10000*ms), SentSignal{Signal: 9, At: 10001 * ms, By: FromOutside})}),
			Forced, "", "the grace of 10s ran out", 1},
		{"Docker, without an event", Facts{State: exited(137), Wait: byKill(9), Sent: sent(docker(9, 0))}, Killed, Unknown,
			"SIGKILL from runc, which Docker's events do not show", 0},
		{"docker kill", kill(9, Facts{Events: kills(9), State: exited(137), Wait: byKill(9), Sent: sent(docker(9, 0))}), Killed, ByRequest,
			"signal 9", 0},
		{"the OOM killer", Facts{State: exited(137), Wait: byKill(9), OOMKills: ptr(uint64(1)), OOMSource: "memory.events",
			Sent: sent(SentSignal{Signal: 9, By: FromKernel})}, OOMKilled, "", "+1", 0},
		{"an OOM kill of a child, and kill -9 of the first process", Facts{State: exited(137), Wait: byKill(9), OOMKills: ptr(uint64(1)),
			OOMSource: "memory.events", Sent: sent(outside)}, Killed, Outside, "SIGKILL from bash (pid 4711)", 0},
		{"kill -TERM on the host", Facts{State: exited(143), Wait: byKill(15), Sent: sent(SentSignal{Signal: 15, By: FromOutside})},
			Terminated, "", "SIGTERM from bash (pid 4711)", 0},
		{"a fault", Facts{State: exited(139), Wait: byKill(11), Sent: sent(SentSignal{Signal: 11, By: FromFault})}, Crashed, "",
			"ended by signal 11", 0},
		{"abort", Facts{State: exited(134), Wait: byKill(6), Sent: sent(SentSignal{Signal: 6, By: FromWithin})}, Crashed, "",
			"ended by signal 6", 0},
		{"a child under an init", Facts{State: exited(137), Wait: returned(137), Target: init, Sent: toChild}, Killed, Within,
			"SIGKILL from its own process sh", 0},
		{"the program under an init, where nothing was asked for", Facts{State: exited(137), Wait: returned(137),
			Sent: &Sent{Program: 7, Signals: toChild.Signals}}, Killed, Within, "SIGKILL from its own process sh", 0},
		{"another process under an init", Facts{State: exited(137), Wait: returned(137), Sent: &Sent{Program: 8,
			Signals: toChild.Signals}}, Crashed, "", "returned 137", -1},
		{"a child under an init returned 137", Facts{State: exited(137), Wait: returned(137), Target: init, Sent: sent()}, Crashed, "",
			"no SIGKILL was sent to it", -1},
		{"it handled a signal from outside", Facts{State: exited(0), Wait: returned(0), EndedAt: ptr(200 * ms),
			Sent: sent(SentSignal{Signal: 15, By: FromOutside})}, Exited, "", "returned 0", 0},
		{"it ended long after one", Facts{State: exited(0), Wait: returned(0), EndedAt: ptr(time.Minute),
			Sent: sent(SentSignal{Signal: 1, By: FromOutside})}, Exited, "", "returned 0", -1},
	} {
		v := Judge(c.facts)
		if v.Kind != c.want || v.Sender != c.sender || c.because != "" && !strings.Contains(texts(v.Because), c.because) {
			t.Errorf("%s: %s, %q, %s", c.name, v.Kind, v.Sender, texts(v.Because))
		}
		number := -1
		if v.SentBy != nil {
			number = v.SentBy.Number
		}
		if number != c.sentBy {
			t.Errorf("%s: sent by signal %d, wanted %d", c.name, number, c.sentBy)
		}
	}
}

func texts(because []Observation) string {
	var all []string
	for _, o := range because {
		all = append(all, o.Source+": "+o.Value)
	}
	return strings.Join(all, "\n")
}
