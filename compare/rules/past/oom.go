package past

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"haltscope/compare/value"
)

const (
	// near is how long the end of the first process may take once the OOM killer has chosen it.
	near = 10 * time.Second
	// atOnce is how long it takes at most, on a host that is not loaded, where it is not known to be the one that was chosen. If it is
	// not, and ended later, something else may have ended it.
	atOnce = 500 * time.Millisecond
)

// noteKernel notes what the kernel's log says.
func (j *judge) noteKernel() {
	for i := range j.Kills {
		k := &j.Kills[i]
		j.observe(cmp.Or(k.Source, kernelSource)+": oom-kill", &k.At, "the OOM killer killed %s (pid %d)%s, %s", k.Name, k.PID,
			placeText[k.Place], k.Limit)
	}
	for i := range j.Faults {
		f := &j.Faults[i]
		j.observe(cmp.Or(f.Source, kernelSource), &f.At, "%s[%d]: %s (the kernel does not log of which container)", f.Name, f.PID, f.Text)
	}
}

// placeText says where the kernel listed a victim.
var placeText = map[Place]string{Only: ", its only process", First: ", the first of its processes", Second: ", its second process",
	Later: ", not its first process"}

// oom judges an end with exit code 137 that Docker did not cause. ok is false if the OOM killer had no part in it, as far as is known.
func (j *judge) oom() (kind value.Kind, confidence value.Confidence, ok bool) {
	if last := j.lastKill(); last != nil {
		kind, confidence = j.oomVictim(last)
		return kind, confidence, true
	}
	if !j.oomByDocker() {
		if why, _ := j.unseen(); why != "" && !j.KernelLog && j.OOMKilled != nil && *j.OOMKilled {
			kind, confidence = j.inconclusive("whether the OOM killer ended it: OOMKilled is also true if it killed another process of the " +
				"container, at any time, and the kernel's log does not reach back")
			return kind, confidence, true
		}
		return "", "", false
	}
	if c := &j.Container; !c.Known || c.Shell || c.Front != "" {
		kind, confidence = j.inconclusive("whether the OOM killer chose the first process, or one that it had started: " +
			"the kernel's log does not tell")
		return kind, confidence, true
	}
	j.how = "Docker says so"
	return value.OOMKilled, value.Likely, true
}

// lastKill returns the victim that tells most about the end: of those near it, the one that is most likely the first process.
func (j *judge) lastKill() (best *OOMKill) {
	for i := range j.Kills {
		k := &j.Kills[i]
		if j.EndedAt != nil && j.EndedAt.Sub(k.At) > near {
			continue
		}
		if best == nil || k.Place >= best.Place {
			best = k
		}
	}
	return best
}

// oomVictim judges an end right after the OOM killer has chosen a process.
func (j *judge) oomVictim(k *OOMKill) (value.Kind, value.Confidence) {
	c := &j.Container
	soon := j.EndedAt != nil && j.EndedAt.Sub(k.At) <= atOnce+2*j.reportedAfter(k)
	how := fmt.Sprintf("the OOM killer killed %s (pid %d), %s", k.Name, k.PID, k.Limit)
	switch {
	case k.Place == Only:
		j.how = how
		return value.OOMKilled, value.Certain
	case k.Place == First, k.Place == Second && c.Front != "" && !j.wrapped(),
		k.Place == PlaceUnknown && soon && c.Known && !c.Shell && c.Front == "" && k.Name == comm(c.Program):
		j.how = how
		return value.OOMKilled, value.Likely
	case soon && c.Known && c.Front == "" && (k.Place == Second || k.Place == Later):
		if why, _ := j.unseen(); why == "" {
			j.how = how + ", which its first process had started; that one then returned 137, as a shell does"
			return value.Crashed, value.Likely
		}
	}
	if k.Place == Second || k.Place == Later {
		return j.inconclusive("whether the first process returned 137 after the OOM killer had killed %s, or SIGKILL ended it%s", k.Name,
			j.later(k))
	}
	return j.inconclusive("whether %s, which the OOM killer killed, was the first process", k.Name)
}

// later says how long after a kill the run ended; "" if that is not known.
func (j *judge) later(k *OOMKill) string {
	if j.EndedAt == nil || j.EndedAt.Before(k.At) {
		return ""
	}
	return ", " + value.Duration(value.Milliseconds(j.EndedAt.Sub(k.At))) + " later"
}

// reportedAfter returns how long after the kernel had chosen a process Docker reported that: a measure of how loaded the host was. An
// end takes the same way from the kernel to Docker. It is 0 if Docker reported it at once, or not at all.
func (j *judge) reportedAfter(k *OOMKill) time.Duration {
	for _, e := range j.Events {
		if after := e.At.Sub(k.At); e.Action == "oom" && after >= 0 && after <= near {
			return after
		}
	}
	return 0
}

// comm is the name that the kernel gives a program: 15 bytes at most.
func comm(program string) string { return program[:min(len(program), 15)] }

// oomByDocker reports whether Docker says that the OOM killer killed a process of the container when it ended. OOMKilled alone does not
// tell: it has no time, and is also true if another process was killed.
func (j *judge) oomByDocker() bool {
	return slices.ContainsFunc(j.Events, func(e Event) bool {
		return e.Action == "oom" && (j.EndedAt == nil || j.EndedAt.Sub(e.At) <= atOnce)
	})
}
