package twin

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
)

// Owner identifies the process that has made a twin. It is the value of [OwnerLabel]:
//
//	BOOT/PID-NAMESPACE/TIME-NAMESPACE/PID/START
//
// A PID is valid in its PID namespace only, and a start time in its time namespace: from other ones, the process cannot be
// looked up.
type Owner struct {
	boot    string
	pidNS   uint64
	timeNS  uint64 // 0 if the kernel has no time namespaces
	Pid     int
	started uint64 // in clock ticks since boot
}

func (o Owner) String() string {
	return fmt.Sprintf("%s/%d/%d/%d/%d", o.boot, o.pidNS, o.timeNS, o.Pid, o.started)
}

// parseOwner parses a label. Earlier versions wrote other forms, and a user may write anything.
func parseOwner(label string) (o Owner, err error) {
	fields := strings.Split(label, "/")
	if len(fields) != 5 || fields[0] == "" {
		return o, errors.New("not BOOT/PID-NAMESPACE/TIME-NAMESPACE/PID/START")
	}
	o.boot = fields[0]
	var errs [4]error
	o.pidNS, errs[0] = strconv.ParseUint(fields[1], 10, 64)
	o.timeNS, errs[1] = strconv.ParseUint(fields[2], 10, 64)
	o.Pid, errs[2] = strconv.Atoi(fields[3])
	o.started, errs[3] = strconv.ParseUint(fields[4], 10, 64)
	return o, errors.Join(errs[:]...)
}

// Self identifies this process.
func Self() (Owner, error) {
	failed := func(what string, err any) (Owner, error) {
		return Owner{}, fmt.Errorf("identifying this process for the labels of twins: %s: %v", what, err)
	}
	boot, err := proc.BootID()
	if err != nil {
		return failed("its boot", err)
	}
	o := Owner{boot: boot, Pid: os.Getpid()}
	var known bool
	pids, clock := proc.OwnNamespace("pid"), proc.OwnNamespace("time")
	if o.pidNS, known = pids.Value(); !known {
		return failed("/proc/self/ns/pid", pids.State())
	}
	if o.timeNS, known = clock.Value(); !known && clock.State() != figure.Unsupported {
		return failed("/proc/self/ns/time", clock.State())
	}
	stat, err := proc.ReadStat(o.Pid)
	if err != nil {
		return failed("/proc/self/stat", err)
	}
	o.started = stat.StartTime
	return o, nil
}

// RunState says whether the run of an owner is still active.
type RunState int

// The states.
const (
	RunUnknown RunState = iota // a reason is given
	RunActive
	RunOver
)

// Object is a container or a network that a run has made.
type Object struct {
	Running bool // a container that runs, or is paused
	Created time.Time
}

// Observer looks up owners from this process.
type Observer struct {
	Owner
	booted time.Time
	stat   func(pid int) (proc.Stat, error)
}

// NewObserver returns an observer for this process.
func NewObserver() (Observer, error) {
	me, err := Self()
	if err != nil {
		return Observer{}, err
	}
	booted, err := proc.BootTime()
	return Observer{me, booted, proc.ReadStat}, err
}

// RunState says whether the run that has made an object is still active or, for RunUnknown, why that is not known.
func (o *Observer) RunState(label string, made Object) (RunState, string) {
	who, err := parseOwner(label)
	switch {
	case label == "":
		return RunUnknown, "it has no label " + OwnerLabel
	case err != nil:
		return RunUnknown, "its label " + OwnerLabel + " is not in this version's format, so its run may still be active"
	case who.boot != o.boot && (made.Running || !made.Created.Before(o.booted)):
		return RunUnknown, "its label " + OwnerLabel + " names another boot or another machine, but it is from this boot"
	case who.boot != o.boot:
		return RunOver, ""
	case who.pidNS != o.pidNS:
		return RunUnknown, "it was made in another PID namespace, where its run may still be active"
	case who.timeNS != o.timeNS:
		return RunUnknown, "it was made in another time namespace, where its run may still be active"
	}
	stat, err := o.stat(who.Pid)
	switch {
	case errors.Is(err, proc.ErrNoProcess):
		return RunOver, ""
	case err != nil:
		return RunUnknown, "could not find out whether its run is still active: " + err.Error()
	case stat.StartTime != who.started, stat.Exiting:
		return RunOver, ""
	}
	return RunActive, ""
}
