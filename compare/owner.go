package compare

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/host"
)

// owner names the process that made a twin. It is the value of ownerLabel:
//
//	BOOT/PID-NAMESPACE/TIME-NAMESPACE/PID/START
//
// A pid is a number of its PID namespace, and a start time is told by the clock of a time namespace: where those differ,
// nothing can be looked up.
type owner struct {
	boot    string
	pidNS   uint64
	timeNS  uint64 // 0 where the kernel has no time namespaces
	pid     int
	started uint64 // in clock ticks since boot
}

func (o owner) String() string {
	return fmt.Sprintf("%s/%d/%d/%d/%d", o.boot, o.pidNS, o.timeNS, o.pid, o.started)
}

// parseOwner parses a label. Earlier versions wrote other forms, and a user may have written any.
func parseOwner(label string) (o owner, err error) {
	fields := strings.Split(label, "/")
	if len(fields) != 5 || fields[0] == "" {
		return o, errors.New("not BOOT/PID-NAMESPACE/TIME-NAMESPACE/PID/START")
	}
	o.boot = fields[0]
	var errs [4]error
	o.pidNS, errs[0] = strconv.ParseUint(fields[1], 10, 64)
	o.timeNS, errs[1] = strconv.ParseUint(fields[2], 10, 64)
	o.pid, errs[2] = strconv.Atoi(fields[3])
	o.started, errs[3] = strconv.ParseUint(fields[4], 10, 64)
	return o, errors.Join(errs[:]...)
}

// self names this process.
func self() (owner, error) {
	failed := func(what string, err any) (owner, error) {
		return owner{}, fmt.Errorf("naming this process for the labels of twins: %s: %v", what, err)
	}
	o := owner{boot: host.BootID(), pid: os.Getpid()}
	if o.boot == "" {
		return failed("/proc/sys/kernel/random/boot_id", "not told")
	}
	var known bool
	pids, clock := cgroupfs.OwnNamespace("pid"), cgroupfs.OwnNamespace("time")
	if o.pidNS, known = pids.Value(); !known {
		return failed("/proc/self/ns/pid", pids.State())
	}
	if o.timeNS, known = clock.Value(); !known && clock.State() != cgroupfs.Unsupported {
		return failed("/proc/self/ns/time", clock.State())
	}
	stat, err := cgroupfs.ReadStat(o.pid)
	if err != nil {
		return failed("/proc/self/stat", err)
	}
	o.started = stat.StartTime
	return o, nil
}

// fate is what is known of the run of an owner.
type fate int

const (
	unknown fate = iota // see the reason beside it
	goesOn
	over
)

// thing is what the run of an owner has made, as far as its fate depends on it.
type thing struct {
	runs    bool // a container that runs, or is paused
	created time.Time
}

// observer is the process that asks, and how it asks.
type observer struct {
	owner
	booted time.Time
	stat   func(pid int) (cgroupfs.Stat, error)
}

func observe() (observer, error) {
	me, err := self()
	if err != nil {
		return observer{}, err
	}
	booted, err := cgroupfs.Booted()
	return observer{me, booted, cgroupfs.ReadStat}, err
}

// fateOf says whether the run that made a thing goes on, and why that is not known where it is not.
func (o *observer) fateOf(label string, made thing) (fate, string) {
	who, err := parseOwner(label)
	switch {
	case label == "":
		return unknown, "it has no label " + ownerLabel
	case err != nil:
		return unknown, "its label " + ownerLabel + " is not in this version's form, so whether its run goes on is not known"
	case who.boot != o.boot && (made.runs || !made.created.Before(o.booted)):
		return unknown, "its label " + ownerLabel + " names another boot, or another machine, and it is of this boot"
	case who.boot != o.boot:
		return over, ""
	case who.pidNS != o.pidNS:
		return unknown, "it was made in another PID namespace, where its run may go on"
	case who.timeNS != o.timeNS:
		return unknown, "it was made in another time namespace, where its run may go on"
	}
	stat, err := o.stat(who.pid)
	switch {
	case errors.Is(err, cgroupfs.ErrNoProcess):
		return over, ""
	case err != nil:
		return unknown, "whether its run goes on could not be read: " + err.Error()
	case stat.StartTime != who.started, stat.Exiting:
		return over, ""
	}
	return goesOn, ""
}
