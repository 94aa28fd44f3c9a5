package watch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"haltscope/compare/rules/verdict"
)

// checker compares the lines of a world with what really happened.
type checker struct {
	*world
	ends             map[*trueRun][]int // indexes of lines
	starts, confirms map[*trueRun]int
	confirmed        *trueRun // of the last line that wrote an end
	wrong            []string
}

func (c *checker) bad(format string, a ...any) { c.wrong = append(c.wrong, fmt.Sprintf(format, a...)) }

// check returns what is wrong with the lines.
func (w *world) check() []string {
	c := &checker{world: w, ends: map[*trueRun][]int{}, starts: map[*trueRun]int{}, confirms: map[*trueRun]int{}}
	for n := range w.lines {
		l := &w.lines[n]
		switch {
		case l.Action == "start" || l.Action == "restart":
			c.start(l)
		case l.Action == ActionConfirm:
			c.confirm(l)
		case l.Verdict != "" && (l.Action == "die" || l.Action == "stop" || l.Action == "kill"):
			c.end(l, n)
		}
	}
	for n, run := range w.runs {
		c.run(n, run)
	}
	if due, ok := w.timeline.Due(); ok && !w.over && w.flushedAt == 0 {
		c.bad("at the end something is due at %d", ms(due))
	}
	if n := len(w.timeline.earlier); n > 1 {
		c.bad("%d old runs are kept", n)
	}
	return c.wrong
}

// start checks a line about a start.
func (c *checker) start(l *Line) {
	for n, run := range c.runs {
		if abs(ms(l.At)-run.start) > 10 {
			continue
		}
		c.starts[run]++
		if n > 0 && c.runs[n-1].kernelReported > 0 && len(c.ends[c.runs[n-1]]) == 0 {
			c.bad("the start of run %d before the end of the one before", n)
		}
	}
}

// confirm checks a line that confirms an end.
func (c *checker) confirm(l *Line) {
	if c.confirmed == nil {
		c.bad("a confirmation of nothing")
		return
	}
	for _, run := range c.runs {
		if run.noticed >= 0 && run.noticed <= ms(l.At)+10 && len(c.ends[run]) > 0 {
			c.confirmed = run
		}
	}
	if c.confirms[c.confirmed]++; c.confirms[c.confirmed] > 1 {
		c.bad("two confirmations")
	}
	c.truthful(l, c.confirmed)
}

// end checks a line about an end.
func (c *checker) end(l *Line, n int) {
	run := c.runOf(l)
	if run == nil {
		c.bad("an end at %d of no run", ms(l.At))
		return
	}
	c.confirmed = run
	c.ends[run] = append(c.ends[run], n)
	c.truthful(l, run)
}

// runOf returns the run that a line about an end belongs to; nil for none.
func (c *checker) runOf(l *Line) *trueRun {
	var found *trueRun
	for _, run := range c.runs {
		if found == nil || run.distance(ms(l.At)) < found.distance(ms(l.At)) {
			found = run
		}
	}
	if last := c.runs[len(c.runs)-1]; last.kernelReported == 0 && strings.HasPrefix(l.Message, "ended before it was removed") {
		return last
	}
	for n, run := range c.runs[1:] { // of a run that only the next start has ended
		if before := c.runs[n]; abs(ms(l.At)-run.start) <= 10 && before.kernelReported == 0 {
			return before
		}
	}
	if found != nil && found.distance(ms(l.At)) > 1000 {
		return nil
	}
	return found
}

// run checks that a run has its lines, in time.
func (c *checker) run(n int, run *trueRun) {
	ends, reported := c.ends[run], run.kernelReported
	if len(ends) > 1 || c.starts[run] > 1 {
		c.bad("%d ends and %d starts of run %d", len(ends), c.starts[run], n)
	}
	switch {
	case reported == 0 && run.dieReported == 0:
	case len(ends) == 0 && reported == 0 && c.silent(run.start): // it began unseen, and inspect was too late
	case len(ends) == 0:
		c.bad("no end of run %d", n)
	case reported > 0 && c.writtenAt[ends[0]] > reported+10_000:
		c.bad("the end of run %d, reported at %d, is written at %d", n, reported, c.writtenAt[ends[0]])
	case reported > 0 && c.writtenAt[ends[0]] > reported && abs(ms(c.lines[ends[0]].At)-run.end) > 1000:
		c.bad("the end of run %d at %d has the time %d", n, run.end, ms(c.lines[ends[0]].At))
	}
}

// truthful checks what a line says about a run.
func (c *checker) truthful(l *Line, run *trueRun) {
	if l.ExitCode != nil && *l.ExitCode != run.code {
		c.bad("exit code %d of a run that ended with %d", *l.ExitCode, run.code)
	}
	may := map[cause][]verdict.Kind{
		exits: {verdict.Exited, verdict.Crashed}, crashes: {verdict.Crashed}, outside: {verdict.Killed},
		killed: {verdict.Killed}, stopped: {verdict.Graceful}, forced: {verdict.Forced, verdict.Killed},
	}[run.cause]
	if l.Verdict != verdict.Inconclusive && !slices.Contains(may, l.Verdict) {
		c.bad("%s at %d: %s, and it was %d", l.Action, ms(l.At), l.Verdict, run.cause)
	}
	if strings.Contains(l.Message, "Docker sent no signal") && run.cause != outside {
		c.bad("at %d: Docker did send a signal", ms(l.At))
	}
	unseen := slices.ContainsFunc(c.runs, func(r *trueRun) bool { return r.kernelReported == 0 && c.silent(r.start) })
	if l.Action != "die" && l.Action != ActionConfirm && run.cause < killed && !unseen {
		c.bad("at %d: it was not requested", ms(l.At))
	}
}

func ms(t time.Time) int { return int(t.Sub(t0).Milliseconds()) }
func abs(n int) int      { return max(n, -n) }
