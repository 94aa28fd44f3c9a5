package prediction

import (
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Change is a kind of change to a container, its image or its program.
type Change string

// The changes.
const (
	UseSignal     Change = "stop-signal"    // begin the stop with another signal
	UseInit       Change = "init"           // run the program under an init
	DropOption    Change = "drop-option"    // remove an option from the arguments of an init
	AddOption     Change = "add-option"     // add an option to the arguments of the program
	AddCapability Change = "capability"     // let the container have a capability
	NoWrapper     Change = "no-wrapper"     // start the program without the wrapper that kills it
	ExecForm      Change = "exec"           // start the program in exec form, without a shell in front
	TrapForm      Change = "trap"           // have the shell pass the signal on from a trap, and wait for the program
	TrapLoop      Change = "trap-loop"      // have a script end from a trap, and wait for its commands in the background
	TrapExit      Change = "trap-exit"      // end a trap with exit
	LookAgain     Change = "look-again"     // nothing yet: what was seen is young
	Handle        Change = "handle"         // handle the signal in the program
	EndInHandler  Change = "end-in-handler" // end the program in its handler
	Unblock       Change = "unblock"        // unblock the signal, or accept it
	EndChildren   Change = "end-children"   // have the program end its children, and wait for them
	StopServices  Change = "services"       // have a shell stop the services of runsvdir
	KillLater     Change = "kill-later"     // have what kills a process wait until that has ended
	Continue      Change = "continue"       // let a stopped process go on
	Detach        Change = "detach"         // detach the tracer of a process
	Thaw          Change = "thaw"           // thaw a cgroup
	FirstThread   Change = "first-thread"   // have the first thread end last
	HostKill      Change = "host-kill"      // send the signal from the host
	MoreGrace     Change = "grace"          // a longer grace
	MoreCPU       Change = "cpu"            // a larger quota
	MoreTasks     Change = "pids"           // a larger pids limit
	Reap          Change = "reap"           // have a process wait for its ended children
	MoreHigh      Change = "memory-high"    // a higher memory.high
	MoreMemory    Change = "memory"         // more memory during the shutdown
	// These are for expectations of a stop.
	EndSooner   Change = "end-sooner"
	SaveRecords Change = "save-records"
	ExitCode    Change = "exit-code"
)

// Changes lists all of them.
func Changes() []Change {
	return []Change{UseSignal, UseInit, DropOption, AddOption, AddCapability, NoWrapper, ExecForm, TrapForm, TrapLoop,
		TrapExit, LookAgain, Handle, EndInHandler, Unblock, EndChildren, StopServices, KillLater, Continue, Detach, Thaw,
		FirstThread, HostKill, MoreGrace, MoreCPU, MoreTasks, Reap, MoreHigh, MoreMemory, EndSooner, SaveRecords, ExitCode}
}

// Advice is one way to make a stop end better. Where there are several, any one of them does.
type Advice struct {
	Change Change
	Why    Reason
	Signal value.Signal // UseSignal: the new stop signal; otherwise the one that the program or the shell gets
	Sent   string       // the stop signal as it is, by name
	With   []Change     // what is to be changed as well: UseInit; ExecForm or UseSignal, of Handle
	// Ends is how the stop then ends, graceful or terminated; "" where only the program knows. A stop that ends with
	// terminated is short, and saves nothing.
	Ends     verdict.Kind
	Program  string        // the name of the process, or of the init, that is to be changed
	Wrapper  string        // Handle, NoWrapper: what is in front of Program; "" for nothing that matters
	Runtime  string        // Handle: "go", "node" or "python"; "" for others
	Option   string        // DropOption, AddOption, AddCapability
	Command  string        // what a shell waits for; "" if unknown
	Scripts  []string      // ExecForm: the shells between that one and Command
	Count    int           // Reap: of the children
	Paste    string        // Thaw, FirstThread, HostKill, MoreHigh: a command for a shell on the host
	Age      time.Duration // LookAgain: of Program
	Grace    time.Duration // as it is
	Throttle time.Duration // MoreCPU: for how long the program could not run during the stop; 0 if unknown
	CPUs     float64       // MoreCPU: as it is
}

// Reason is why something is to be changed, or why a stop comes out as it is predicted: see [Outcome].
type Reason string

// The reasons. Each belongs to the changes that are named.
const (
	NoSuchSignal   Reason = "no-such-signal" // UseSignal
	Unstoppable    Reason = "unstoppable"    // UseSignal: no program can handle SIGKILL or SIGSTOP
	NotForwarded   Reason = "not-forwarded"  // UseSignal: the init keeps it
	EndsNothing    Reason = "ends-nothing"   // UseSignal: the default action of the signal ends no process
	Handles        Reason = "handles"        // UseSignal: the program handles the new one
	KnownToEnd     Reason = "known-to-end"   // UseSignal: the program is documented to end on the new one
	Interactive    Reason = "interactive"    // UseSignal: an interactive shell ignores SIGTERM
	NoHandler      Reason = "no-handler"     // Handle
	IgnoresIt      Reason = "ignores"        // Handle
	MayHaveHandler Reason = "may-have"       // MoreGrace: only the program's runtime is known to catch the signal
	WorkInHand     Reason = "work"           // MoreGrace: the program ends once its work in progress is done
	TrapWaits      Reason = "trap-waits"     // TrapForm: the trap that is there waits for the foreground command
	RewritesIt     Reason = "rewrites"       // DropOption: the init forwards another signal, or none
	ChildOnly      Reason = "child-only"     // DropOption: the init signals its child only
	Apart          Reason = "apart"          // EndChildren: they are in a group or session of their own, which no init signals
	ForAdopted     Reason = "adopted"        // Reap: an init would wait for those of them that the process has adopted
	Failed         Reason = "failed"         // ExitCode: the program handled the signal, and failed
)
