package watch

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/document"
	"haltscope/compare/rules/asker"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// askedReadings is who was connected to Docker's socket when Docker acted on a container.
type askedReadings struct {
	asked []askedReading // in the order of time
	// NoAskers is why nobody can see who asks Docker; nil if that is seen.
	NoAskers error
	// AllClients is whether no client is left out because its container is not watched.
	AllClients bool
}

// keptAsked is how many readings of a container are kept at most.
const keptAsked = 32

// Asked records a reading.
func (t *Timeline) Asked(r askedReading) {
	if len(t.asked) >= keptAsked {
		t.asked = t.asked[1:]
	}
	t.asked = append(t.asked, r)
}

// A reading is about an event if it was asked for in this time around it. The kernel reports a signal before Docker does.
const (
	askedBefore = 2 * time.Second
	askedAfter  = time.Second
)

// asked is who asked Docker for something.
type asked struct {
	by   value.Maybe[document.Actor]
	text func(names bool) string // nil if there is nothing to say
	own  bool                    // it connected for this request, and its command line says so
}

func notAsked(reason value.Reason, detail string) asked {
	return asked{by: value.Absent[document.Actor](reason, detail)}
}

// whoAsked returns who asked for what Docker reported at a time. Docker answered at the time answered; zero if that is not known.
func (t *Timeline) whoAsked(action asker.Action, at, answered time.Time) asked {
	if t.NoAskers != nil {
		return notAsked(unreadReason(t.NoAskers), t.NoAskers.Error())
	}
	request := asker.Request{Action: action, ID: t.ID, Name: t.Name, Complete: t.AllClients && t.container != nil,
		Compose: t.compose()}
	if t.container != nil && t.container.Config.Labels.Has("com.docker.swarm.task.id") {
		request.Complete = false // dockerd itself acts on it, for the swarm
	}
	var clients []*socketClient
	var failed error
	readings, listed := 0, map[int]bool{}
	for i := range t.asked {
		r := &t.asked[i]
		if from := at.Sub(r.at); from > askedBefore || -from > askedAfter {
			continue
		}
		if r.err != nil {
			failed = r.err
			continue
		}
		readings++
		request.InFlight = request.InFlight || r.taken.Before(answered)
		request.Complete = request.Complete && r.unowned == 0 && !r.missed
		for _, c := range r.clients {
			if !listed[c.pid] {
				listed[c.pid] = true
				clients = append(clients, c)
			}
		}
	}
	switch {
	case readings == 0 && failed != nil:
		return notAsked(value.Failed, failed.Error())
	case readings == 0:
		return notAsked(value.NotMeasured, "nobody looked who was connected to Docker then")
	}
	return t.judgeAsked(request, clients, at)
}

// compose returns what compose made the container of; nil if compose did not make it.
func (t *Timeline) compose() *asker.Compose {
	if t.container == nil || !t.container.Config.Labels.Has(dockercli.ComposeProject) {
		return nil
	}
	labels := t.container.Config.Labels
	return &asker.Compose{Project: labels[dockercli.ComposeProject], Service: labels[dockercli.ComposeService],
		Dir: labels[dockercli.ComposeDir]}
}

// judgeAsked judges which of the clients asked.
func (t *Timeline) judgeAsked(request asker.Request, clients []*socketClient, at time.Time) asked {
	var lines []asker.Client
	for _, c := range clients {
		lines = append(lines, asker.Client{Args: c.args, Cut: c.cut, Dir: c.dir, Earlier: at.Sub(c.since) > askedBefore})
	}
	answer := asker.Judge(request, lines)
	if answer.Who >= 0 {
		actor := t.named(clients[answer.Who].actor)
		return asked{by: value.Known(*actor), own: !answer.Only && !lines[answer.Who].Earlier, text: func(names bool) string {
			if answer.Only { // that it asked is inferred
				return "; " + actor.Text(names) + " was the only client connected that can have asked"
			}
			return "; asked by " + actor.Text(names)
		}}
	}
	if len(answer.OneOf) == 0 {
		return notAsked(value.NotMeasured,
			"the client that asked was not seen: it may have disconnected already, used the network, or Docker acted on its own")
	}
	none := notAsked(value.NotMeasured, fmt.Sprintf("%s of Docker's socket can have asked",
		value.Count(len(answer.OneOf), "client", "clients")))
	none.text = func(names bool) string {
		var all []string
		for _, i := range answer.OneOf[:min(len(answer.OneOf), mostNamed)] {
			all = append(all, t.named(clients[i].actor).Text(names))
		}
		return "; possibly asked by " + strings.Join(all, " or ")
	}
	return none
}

// mostNamed is how many clients a line names that may have asked.
const mostNamed = 3

// endAskedBy returns who asked Docker to end a run.
func (t *Timeline) endAskedBy(r *run, v *verdict.Verdict) asked {
	first, last := r.askedSignals()
	if first == nil || v.ByItself {
		if t.NoAskers != nil {
			return notAsked(unreadReason(t.NoAskers), t.NoAskers.Error())
		}
		return notAsked(value.Unsupported, "nobody asked Docker to end it")
	}
	if last != first && last.signal == unix.SIGKILL { // the end of a grace, or another request
		byRequest := v.Kind == verdict.Killed && v.Sender == verdict.ByRequest
		if second := t.whoAsked(asker.Signal, last.at, r.end.at); second.own || byRequest {
			return second
		}
	}
	var answered time.Time // docker kill does not wait for the end, except with SIGKILL
	if r.stopEvent || first.signal == unix.SIGKILL {
		answered = r.end.at
	}
	return t.whoAsked(asker.Signal, first.at, answered)
}

// askedSignals returns the signal with which Docker was asked to end a run, and the last one before the end; nil if Docker sent none. The
// first one is that before SIGKILL, because earlier ones did not end it.
func (r *run) askedSignals() (first, last *sentSignal) {
	for i := range r.signals {
		s := &r.signals[i]
		if s.at.After(r.end.at) {
			break
		}
		last = s
		if first == nil || s.signal != unix.SIGKILL {
			first = s
		}
	}
	return first, last
}

// errNoAskersHere is why lines of a watch that does not look name nobody.
var errNoAskersHere = errors.New("nobody looked who is connected to Docker")
