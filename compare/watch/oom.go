package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// What ran out when the OOM killer killed.
const (
	constraintLimit      = "limit"      // the container's own limit
	constraintDescendant = "descendant" // the limit of a cgroup that the container created below its own
	constraintAncestor   = "ancestor"   // the limit of a cgroup above
	constraintNodes      = "nodes"      // the memory of the permitted NUMA nodes: --cpuset-mems, or a memory policy
	constraintHost       = "host"       // the host's memory
)

// sourceKernelLog is the source of the victims.
const sourceKernelLog = "/dev/kmsg: oom-kill"

// addOOM adds what is known of the OOM killer's work to a line. The victims are written once.
func (t *Timeline) addOOM(r *run, line *Line, first value.Maybe[bool]) {
	victims := r.newVictims()
	r.victimsReported = len(r.victims)
	o := &document.OOM{FirstProcess: first, LimitBytes: figures.Number(r.limit), PeakBytes: r.peakAtKill()}
	line.OOM = o
	if r.limit.State() == figure.NotMeasured {
		const early = "it ended before its cgroup was found"
		o.LimitBytes, o.PeakBytes = value.Absent[uint64](value.Vanished, early), value.Absent[uint64](value.Vanished, early)
	}
	if len(victims) == 0 {
		reason, why := value.NotMeasured, "the kernel log names no process in this cgroup; if the kernel kills many at once, it logs only some"
		switch {
		case r.victimsUnknown != nil:
			reason, why = unreadReason(r.victimsUnknown), r.victimsUnknown.Error()
		case t.past.missingIn(r):
			why = "the kernel log names no process in this cgroup; it has overwritten or left out records of that time"
		}
		o.Victims = value.Absent[[]document.OOMVictim](reason, why)
		o.Constraint, o.LimitCgroup = value.Absent[string](reason, why), value.Absent[string](reason, why)
		return
	}
	var all []document.OOMVictim
	for _, v := range victims {
		all = append(all, document.OOMVictim{PID: v.PID, Name: &v.Name, FirstProcess: v.first})
		ranOut := "global_oom"
		switch {
		case v.LimitOf != "":
			ranOut = "oom_memcg=" + v.LimitOf
		case v.OutOfNodeMemory():
			ranOut = "constraint=" + v.Constraint
		}
		line.Because = append(line.Because, verdict.Observation{Source: sourceKernelLog, Value: fmt.Sprintf("%s, pid=%d", ranOut, v.PID)})
	}
	o.Victims = value.Known(all)
	setConstraint(o, victims[len(victims)-1].OOMVictim, t.ID)
}

// setConstraint sets what ran out, by the last victim.
func setConstraint(o *document.OOM, last cgroupfs.OOMVictim, id string) {
	own, elsewhere := cgroupfs.CutAtID(last.LimitOf, id)
	o.LimitCgroup = value.Known(last.LimitOf)
	switch {
	case last.OutOfNodeMemory():
		o.Constraint = value.Known(constraintNodes)
		o.LimitCgroup = value.Absent[string](value.NotMeasured, "no cgroup limit caused it: NUMA nodes ran out of memory")
	case last.OutOfHostMemory():
		o.Constraint = value.Known(constraintHost)
		o.LimitCgroup = value.Absent[string](value.NotMeasured, "no cgroup limit caused it: the host ran out of memory")
	case elsewhere != nil:
		o.Constraint = value.Known(constraintAncestor)
	case own != last.LimitOf:
		o.Constraint = value.Known(constraintDescendant)
		o.LimitBytes = value.Absent[uint64](value.NotMeasured, "it was the limit of a cgroup inside the container, which is not read")
	default:
		o.Constraint = value.Known(constraintLimit)
	}
}

// unreadReason is why the kernel's log cannot be read, as a reason of the document.
func unreadReason(err error) value.Reason {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return value.Denied
	case errors.Is(err, fs.ErrNotExist):
		return value.Unsupported
	}
	return value.NotMeasured
}

// oomKilledText says how many processes the OOM killer killed, whom, and what ran out.
func oomKilledText(o *document.OOM, kills *uint64, names bool) string {
	count := "at least one process"
	if kills != nil {
		count = value.Count(int(*kills), "process", "processes")
	} else if victims, ok := o.Victims.Get(); ok && len(victims) > 1 {
		count = fmt.Sprintf("at least %d processes", len(victims))
	}
	return "the OOM killer killed " + count + " in it" + oomText(o, kills, names)
}

// oomText continues a sentence about the OOM killer: whom it killed, and what ran out.
func oomText(o *document.OOM, kills *uint64, names bool) string {
	text := victimsText(o, kills, names)
	limit, known := o.LimitBytes.Get()
	of, _ := o.LimitCgroup.Get()
	switch constraint, _ := o.Constraint.Get(); {
	case constraint == constraintHost:
		text += " because the host ran out of memory"
	case constraint == constraintNodes:
		text += " because the permitted NUMA nodes ran out of memory"
	case constraint == constraintAncestor:
		text += " at the limit of " + of
	case constraint == constraintDescendant:
		text += " at the limit of a cgroup inside it, " + of
	case known:
		text += " at its limit of " + value.Bytes(limit)
	case constraint == constraintLimit:
		text += " at its limit"
	}
	if peak, ok := o.PeakBytes.Get(); ok {
		text += "; it held at most " + value.Bytes(peak)
	}
	return strings.TrimSuffix(text, ",")
}

func victimsText(o *document.OOM, kills *uint64, names bool) string {
	victims, ok := o.Victims.Get()
	if !ok {
		if first, _ := o.FirstProcess.Get(); first {
			return ", its first process,"
		}
		return ""
	}
	var all []string
	for _, v := range victims {
		one := fmt.Sprintf("pid %d", v.PID)
		if names && v.Name != nil {
			one = fmt.Sprintf("%s (pid %d)", *v.Name, v.PID)
		}
		if v.FirstProcess != nil && *v.FirstProcess {
			one = "its first process " + one
		}
		all = append(all, one)
	}
	if kills != nil && uint64(len(all)) < *kills {
		return ", including " + strings.Join(all, ", ") + ","
	}
	return ", " + strings.Join(all, ", ") + ","
}

// redacted returns the same without the names of programs.
func redactedOOM(o *document.OOM) *document.OOM {
	victims, ok := o.Victims.Get()
	if !ok {
		return o
	}
	unnamed := slices.Clone(victims)
	for n := range unnamed {
		unnamed[n].Name = nil
	}
	other := *o
	other.Victims = value.Known(unnamed)
	return &other
}
