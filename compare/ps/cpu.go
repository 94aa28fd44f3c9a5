package ps

import (
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/drift"
	"haltscope/compare/value"
)

// cpu returns the CPU use of a container: over the window that was asked for or, without one, since an earlier call, or since its main
// process started.
//
// A frozen container uses none. That it did before is no news, so it is measured over this call.
func (l *listing) cpu(id string, s *snapshot, k *drift.Kernel) document.PsCPU {
	c := document.PsCPU{UsageUsec: figures.Number(k.After.CPUUsage)}
	c.Absent(value.Vanished, "the cgroup or process is gone")
	usage, known := k.After.CPUUsage.Value()
	switch {
	case !k.Exists:
		return c
	case !known:
		absent := figures.Without[float64](k.After.CPUUsage)
		c.Percent, c.WindowMs = absent, absent
		return c
	case l.options.Window > 0 || k.After.Freezer.Frozen.Is(1):
		if percent, ok := drift.CPUPercent(&k.Before, &k.After); ok {
			c.Since, c.Percent = document.SinceWindow, value.Known(percent)
			c.WindowMs = value.Known(value.Milliseconds(k.After.At.Sub(k.Before.At)))
			return c
		}
		c.Absent(value.NotMeasured, "it was found too late for a second reading")
		return c
	}
	if since, window, before, ok := l.start(id, s, &k.After, usage); ok {
		c.Since, c.WindowMs = since, value.Known(value.Milliseconds(window))
		c.Percent = value.Known(100 * float64(usage-before) / float64(window.Microseconds()))
		return c
	}
	c.Absent(value.NotMeasured, "it has run for less than "+value.Duration(value.Milliseconds(leastWindow))+", or since when is not known")
	return c
}

// start returns from when on the CPU use of a container is measured, and what its counter was then.
func (l *listing) start(id string, s *snapshot, now *cgroupfs.Reading, usage uint64) (since string, window time.Duration, before uint64,
	ok bool) {
	if l.earlier != nil {
		was, known := l.earlier.Containers[id]
		window = sinceBoot(now.At) - l.earlier.at()
		if known && was.Inode == s.group.Inode() && was.UsageUsec <= usage && window >= leastWindow {
			return document.SinceEarlier, window, was.UsageUsec, true
		}
	}
	if s.main.PID == 0 {
		return "", 0, 0, false
	}
	age, err := s.main.Age()
	return document.SinceStart, age, 0, err == nil && age >= leastWindow
}

// counters returns the CPU counters for the next call.
func (l *listing) counters() *earlier {
	e := &earlier{Containers: map[string]counter{}}
	for id, s := range l.seen {
		usage, ok := s.now.CPUUsage.Value()
		inode := s.group.Inode()
		if !ok || s.now.CPUUsage.State() != figure.Present || inode == 0 {
			continue
		}
		e.AtUsec = max(e.AtUsec, sinceBoot(s.now.At).Microseconds())
		e.Containers[id] = counter{Inode: inode, UsageUsec: usage}
	}
	return e
}

// remember keeps the counters for the next call, unless the last call's are too recent to be replaced: else calls in a quick sequence
// would always measure since the start.
func (l *listing) remember(file string) {
	next := l.counters()
	if len(next.Containers) == 0 || l.earlier != nil && time.Duration(next.AtUsec)*time.Microsecond-l.earlier.at() < leastWindow {
		return
	}
	if err := next.write(file); err != nil {
		l.log.Debug().Err(err).Msg("cannot keep the CPU counters for the next call")
	}
}
