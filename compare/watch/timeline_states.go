package watch

import (
	"time"

	"golang.org/x/sys/unix"

	"haltscope/dockercli"
)

// runState is how much of a run is known and written. The states are in the order in which a run goes through them.
type runState int

const (
	unseen      runState = iota // signals or a freeze were seen, the start was not
	running                     // it has started
	disproved                   // Docker has reported the end, and the kernel shows that it lives
	exited                      // the kernel has reported the end of the main process, Docker has not
	ended                       // the end is known, and its line waits for related events
	provisional                 // the end is written without Docker's confirmation
	confirming                  // Docker has confirmed a written end, and that line waits for related events
	final                       // everything is written
	runStates
)

// input is something that happens to a run.
type input int

const (
	none input = iota

	// Docker's events.
	eventStart
	eventRestart
	eventKill
	eventStop
	eventDie
	eventOOM
	eventPause
	eventUnpause
	eventDestroy

	// What docker inspect shows.
	inspectRunning   // this run, and it runs
	inspectEnded     // this run has ended
	inspectNextRun   // a later run
	inspectTooEarly  // a later run, while events of this one are still to come
	inspectConfirmed // no run after the end of this one
	inspectPaused
	inspectUnpaused

	// What the kernel shows.
	processFound  // a main process of which Docker has not reported yet
	processExited // the main process has ended
	sampleFrozen
	sampleThawed

	// What follows from the above, or from waiting.
	nextRunStarted     // the next run has started
	dieReleased        // a die event turned out to be the next run's
	dieReceived        // and this is the next run
	removed            // the container was removed
	endDisproved       // the kernel shows that a run lives of which Docker has reported the end
	confirmationMissed // Docker has not confirmed the exit in time
	endDue
	provisionalEndDue // the end is due, and Docker can still confirm it
	confirmationDue
	lostEndDue // the container was removed, and nothing reported the end

	inputs
)

// dockerEvents are the events that a timeline takes. The others are about what happens inside, or our own questions.
var dockerEvents = map[string]struct {
	input  input
	source string
}{
	"create": {none, ""}, "rename": {none, ""}, // for the container's name and labels
	"start": {eventStart, "docker events: start"}, "restart": {eventRestart, "docker events: restart"},
	"kill": {eventKill, "docker events: kill"}, "stop": {eventStop, "docker events: stop"}, "die": {eventDie, sourceDieEvent},
	"oom": {eventOOM, "docker events: oom"}, "pause": {eventPause, "docker events: pause"},
	"unpause": {eventUnpause, "docker events: unpause"}, "destroy": {eventDestroy, "docker events: destroy"},
}

// occurrence is an input with what is known of it.
type occurrence struct {
	input       input
	at, learned time.Time // when it happened, and when that was learned
	source      string

	signal   unix.Signal      // of a kill event; 0 for unknown
	exitCode string           // of a die event; "" for unknown
	state    *dockercli.State // of an inspection
	catchUp  bool             // of an inspection: events may have been missed
	end      *pending         // of dieReceived
}

// pending is a report of the occurrence, which is due after the settle time.
func (o *occurrence) pending() *pending {
	return &pending{at: o.at, learned: o.learned, due: o.learned.Add(settleTime), source: o.source}
}

// transition is a row of the table: what an input does to a run that is in one of some states.
type transition struct {
	input  input
	in     []runState
	handle func(*Timeline, *run, occurrence)
	next   runState
}

var (
	anyState = []runState{unseen, running, disproved, exited, ended, provisional, confirming, final}
	open     = []runState{unseen, running, exited}               // without an end
	closed   = []runState{ended, provisional, confirming, final} // with an end
)

// same is the next state of a row that changes no state.
const same runState = -1

// runTransitions has a row for each input and the states in which it matters. In other states an input changes nothing.
var runTransitions = []transition{
	{eventStart, anyState, (*Timeline).recordStart, same},
	{eventRestart, anyState, (*Timeline).recordRestart, same},
	{eventKill, anyState, (*Timeline).recordSignal, same},
	{eventStop, open, (*Timeline).recordStop, same},
	{eventStop, closed, (*Timeline).recordStopAfterEnd, same},
	{eventDie, open, (*Timeline).recordDie, ended},
	{eventDie, []runState{ended}, (*Timeline).recordDie, same},
	{eventDie, []runState{provisional, confirming}, (*Timeline).recordConfirmation, confirming},
	{eventDie, []runState{final}, (*Timeline).recordRepeatedDie, same},
	{eventOOM, anyState, (*Timeline).recordOOM, same},

	{inspectRunning, []runState{unseen}, (*Timeline).recordInspectedStart, running},
	{inspectRunning, []runState{running, exited}, (*Timeline).correctStart, same},
	{inspectEnded, []runState{running, exited}, (*Timeline).recordInspectedEnd, ended},
	{inspectNextRun, open, (*Timeline).recordUnseenEnd, ended},
	{inspectNextRun, closed, (*Timeline).recordUnseenEnd, same},
	{inspectConfirmed, []runState{provisional}, (*Timeline).recordConfirmation, confirming},

	{processFound, []runState{unseen}, (*Timeline).recordProcess, running},
	{processExited, []runState{unseen, running}, (*Timeline).recordExit, exited},
	{processExited, []runState{exited, ended, provisional, confirming, final}, (*Timeline).recordExit, same},

	{nextRunStarted, open, (*Timeline).recordUnseenEnd, ended},
	{dieReleased, []runState{ended}, (*Timeline).forgetDie, running},
	{dieReleased, []runState{confirming}, (*Timeline).forgetConfirmation, provisional},
	{dieReceived, []runState{running}, (*Timeline).receiveDie, ended},
	{removed, []runState{exited}, (*Timeline).recordRemoval, ended},
	{endDisproved, []runState{ended}, (*Timeline).disprove, disproved},
	{processExited, []runState{disproved}, (*Timeline).recordRealEnd, ended},
	{confirmationMissed, []runState{exited}, (*Timeline).acceptExit, ended},
	{endDue, []runState{ended}, nil, final},
	{provisionalEndDue, []runState{ended}, nil, provisional},
	{confirmationDue, []runState{confirming}, (*Timeline).acceptConfirmation, final},
	{lostEndDue, open, nil, final},
}

// runTable is runTransitions by input and state.
var runTable = func() (table [inputs][runStates]*transition) {
	for n := range runTransitions {
		row := &runTransitions[n]
		for _, state := range row.in {
			table[row.input][state] = row
		}
	}
	return table
}()

// apply has an input change a run, as the table says.
func (t *Timeline) apply(r *run, o occurrence) {
	row := runTable[o.input][r.state]
	if row == nil {
		return
	}
	if row.handle != nil {
		row.handle(t, r, o)
	}
	if row.next != same {
		r.state = row.next
	}
}

// freezerState is what is known of a freeze. It follows from what is pending: see [freezer.state].
type freezerState int

const (
	thawed        freezerState = iota // or frozen without anybody knowing
	freezing                          // the kernel shows a freeze, and it is not written: Docker's pause event may follow
	frozenOutside                     // that is written
	pausing                           // Docker says paused, and it is not written: the kernel's confirmation may follow
	paused                            // that is written
	thawing                           // the kernel shows a thaw while Docker says paused, and it is not written
	thawedOutside                     // that is written
	resuming                          // Docker has resumed it, and it is not written
	freezerStates
)

// freezerTransitions has a row for each input and the states in which it matters.
var freezerTransitions = []struct {
	input  input
	in     []freezerState
	handle func(*Timeline, *run, occurrence)
}{
	{sampleFrozen, []freezerState{thawed}, (*Timeline).recordFreeze},
	{sampleFrozen, []freezerState{thawing}, (*Timeline).forgetThaw},
	{sampleThawed, []freezerState{freezing}, (*Timeline).forgetFreeze}, // it flickered: runc freezes for an instant to change limits
	{sampleThawed, []freezerState{paused}, (*Timeline).recordThaw},
	{eventPause, []freezerState{thawed, freezing, frozenOutside, pausing, paused, thawing, thawedOutside, resuming}, (*Timeline).recordPause},
	{eventUnpause, []freezerState{thawed, freezing, frozenOutside}, (*Timeline).recordUnpause},
	{eventUnpause, []freezerState{pausing, paused, thawing, thawedOutside, resuming}, (*Timeline).recordResume},
	{inspectPaused, []freezerState{thawed, freezing, frozenOutside}, (*Timeline).recordInspectedPause},
	{inspectUnpaused, []freezerState{pausing, paused, thawing, thawedOutside}, (*Timeline).recordInspectedResume},
}

// freezerTable is freezerTransitions by input and state.
var freezerTable = func() (table [inputs][freezerStates]func(*Timeline, *run, occurrence)) {
	for _, row := range freezerTransitions {
		for _, state := range row.in {
			table[row.input][state] = row.handle
		}
	}
	return table
}()

// applyFreezer has an input change what is known of a run's freezer, as the table says.
func (t *Timeline) applyFreezer(r *run, o occurrence) {
	if handle := freezerTable[o.input][r.freezer.state()]; handle != nil {
		handle(t, r, o)
	}
}
