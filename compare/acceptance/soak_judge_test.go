package acceptance

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"
)

// The actions of the soak. Those on a container, except the last two, are docker's own verbs.
const (
	doKill    = "kill"
	doStop    = "stop"
	doRestart = "restart"
	doOutside = "SIGKILL from the host"
	doShim    = "SIGKILL for the shim"

	doDead        = "dockerd dead"
	doMute        = "dockerd stopped"
	doContainerd  = "containerd stopped"
	doShutdown    = "daemon ended by SIGTERM"
	doStart       = "daemon starts"
	doInspectHang = "inspect hangs"
)

// soakJudge compares what a watch has written with what is true.
type soakJudge struct {
	actions     []soakAction
	endsItself  func(name string) (code int, ok bool)
	liveRestore bool
	until       time.Time // when the watch was ended; zero if it was not
}

// soakResult is the result of the comparison.
type soakResult struct {
	ends, reported, unseen, confirmed int
	wrong, missing, late, off         int
	undecided                         []string // the lines
	violations                        []string
	latest, farthest                  time.Duration
}

// violation reports what is wrong at some time.
type violation func(at time.Time, format string, args ...any)

// causes returns what can have ended a run.
func (j *soakJudge) causes(r soakRun) map[string]bool {
	all := map[string]bool{}
	for _, a := range j.actions {
		slack := 2 * time.Second
		if a.err != "" { // it may be half done, and end the container later
			slack = 15 * time.Second
		}
		during := !r.ended.Before(a.from) && (a.to.IsZero() || r.ended.Before(a.to.Add(slack)))
		switch a.what {
		case doKill, doStop, doRestart:
			if a.name == r.name && during && !a.from.Before(r.began.Add(-time.Minute)) {
				all[a.what] = true
			}
		case doOutside, doShim:
			if a.name == r.name && !r.ended.Before(a.from) && !a.from.Before(r.began) {
				all[a.what] = true
			}
		case doShutdown, doStart:
			if !j.liveRestore && during {
				all[doShutdown] = true
			}
		}
	}
	if code, ok := j.endsItself(r.name); ok && (r.status == nil || r.status.Exited() && r.status.ExitStatus() == code) {
		all["itself"] = true
	}
	return all
}

// allowed returns the ACTION/VERDICT pairs that are true of a run; * is any action.
func (j *soakJudge) allowed(r soakRun, causes map[string]bool) (all []string) {
	forced := r.status == nil || r.status.Signaled() && r.status.Signal() == unix.SIGKILL
	handled := r.status == nil || r.status.Exited()
	asked := causes[doStop] || causes[doRestart] || causes[doShutdown]
	if forced {
		if causes[doKill] {
			all = append(all, "kill/killed")
		}
		if asked {
			all = append(all, "*/forced")
		}
		if causes[doOutside] || causes[doShim] {
			all = append(all, "die/killed")
			if asked || causes[doKill] { // and Docker may have sent another signal before
				all = append(all, "*/killed")
			}
		}
	}
	if handled {
		if asked {
			all = append(all, "*/graceful")
		}
		if causes["itself"] {
			all = append(all, "die/exited", "die/crashed")
			if asked {
				all = append(all, "*/exited", "*/crashed")
			}
		}
	}
	return all
}

// wronglyOpen returns why a line should not have left open how a run ended; "" if it rightly did.
func (j *soakJudge) wronglyOpen(r soakRun, l watchLine) string {
	switch {
	case l.missing == "":
		return "inconclusive without what is missing"
	case strings.Contains(l.missing, "came late"): // on a busy machine, it could have been a separate kill's
		if causes := j.causes(r); !causes[doStop] && !causes[doRestart] && !causes[doShutdown] {
			return "SIGKILL may have come late, and there was no stop"
		}
	case r.status != nil && !j.faulty(r):
		return "inconclusive, and nothing failed that could have kept the truth from the watch"
	}
	return ""
}

// For this long after a fault, a watch may lack information: a signal whose event was lost may end a run until its grace
// and another 30 s are over. A SIGKILL takes effect sooner.
const (
	faultSlack     = 45 * time.Second
	faultSlackKill = 15 * time.Second
	// faultAhead is how long after an end a fault can begin and still prevent Docker's event from reaching the watch.
	faultAhead = 2 * time.Second
)

// faulty reports whether a run ended during, shortly before or shortly after a fault that keeps information from a
// watch.
func (j *soakJudge) faulty(r soakRun) bool {
	slack := faultSlack
	if r.status != nil && r.status.Signaled() && r.status.Signal() == unix.SIGKILL {
		slack = faultSlackKill
	}
	for _, a := range j.actions {
		from, to := a.from, a.to
		about, hang := strings.CutPrefix(a.what, doInspectHang+": ")
		switch {
		case hang:
			if about != r.name {
				to = from // other containers wait only for the first inspect that hangs
			}
		case !slices.Contains([]string{doDead, doMute, doContainerd, doShutdown, doStart}, a.what):
			continue
		}
		if !r.ended.Before(from.Add(-faultAhead)) && (to.IsZero() || r.ended.Before(to.Add(slack))) {
			return true
		}
	}
	return false
}

// wrong says what is wrong with the verdict of a line about a run. It returns "" if nothing is.
func (j *soakJudge) wrong(r soakRun, l watchLine) string {
	if l.code != nil && r.status != nil {
		code := r.status.ExitStatus()
		if r.status.Signaled() {
			code = 128 + int(r.status.Signal())
		}
		if *l.code != code {
			return fmt.Sprintf("exit code %d, and it was %d", *l.code, code)
		}
	}
	if l.verdict == "inconclusive" {
		return j.wronglyOpen(r, l)
	}
	switch {
	case l.verdict == "exited" && l.code != nil && *l.code != 0, l.verdict == "crashed" && l.code != nil && *l.code == 0:
		return l.verdict + fmt.Sprintf(" with exit code %d", *l.code)
	}
	causes := j.causes(r)
	allowed := j.allowed(r, causes)
	for _, a := range allowed {
		action, verdict, _ := strings.Cut(a, "/")
		if verdict == l.verdict && (action == "*" || action == l.action || l.action == "confirm") {
			return ""
		}
	}
	return fmt.Sprintf("%s/%s, and the truth is %s: %s", l.action, l.verdict, strings.Join(allowed, " or "),
		strings.Join(slices.Sorted(maps.Keys(causes)), ", "))
}

// required reports whether the watch must report the end of a run: it must if the daemon was well for three seconds of
// it. Docker may never know of a run that began and ended during a fault.
func (j *soakJudge) required(r soakRun) bool {
	if !r.execed || !j.until.IsZero() && r.ended.After(j.until) {
		return false
	}
	well := r.began
	for _, a := range j.actions {
		switch a.what {
		case doDead, doMute, doContainerd, doShutdown, doStart:
			if a.to.IsZero() || a.to.After(well) && a.from.Before(well.Add(3*time.Second)) {
				well = a.to
				if a.to.IsZero() {
					return false
				}
			}
		}
	}
	return r.ended.After(well.Add(3 * time.Second))
}

const (
	// soakLatest is how late the line of an end may be.
	soakLatest = 10 * time.Second
	// soakNearest is how far its time may be off.
	soakNearest = time.Second
)

// judge compares all lines with all runs.
func (j *soakJudge) judge(runs map[string][]soakRun, lines []watchLine) (res soakResult) {
	by := map[string][]watchLine{}
	for _, l := range lines {
		if l.name != "" {
			by[l.name] = append(by[l.name], l)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(runs)) {
		ended := slices.DeleteFunc(slices.Clone(runs[name]), func(r soakRun) bool { return r.ended.IsZero() })
		ends := slices.DeleteFunc(slices.Clone(by[name]), func(l watchLine) bool { return !l.end() })
		slices.SortStableFunc(ends, func(a, b watchLine) int { return a.at.Compare(b.at) })
		of := align(ended, ends)
		violates := func(at time.Time, format string, args ...any) {
			res.violations = append(res.violations, name+": "+fmt.Sprintf(format, args...)+j.around(at, name, runs[name], lines))
		}
		hidden := func(r soakRun) bool { return hiddenByGap(r, runs[name], lines) }
		j.judgeEnds(&res, ended, ends, of, hidden, violates)
		j.judgeConfirmations(&res, by[name], ended, ends, of, violates)
	}
	return res
}

// hiddenByGap reports whether the watch has said that it may have missed a run: all of it was in a gap, and another run of the container
// began before the end of that.
func hiddenByGap(r soakRun, runs []soakRun, lines []watchLine) bool {
	return slices.ContainsFunc(lines, func(l watchLine) bool {
		g := gjson.Parse(l.text)
		from, to := g.Get("from").Time(), g.Get("to").Time()
		within := func(at time.Time) bool { return at.After(from) && at.Before(to) }
		return l.action == "gap" && strings.Contains(g.Get("may_hide").Raw, "how a run ended, if another one began") && within(r.began) &&
			within(r.ended) && slices.ContainsFunc(runs, func(next soakRun) bool { return next.began.After(r.ended) && within(next.began) })
	})
}

// judgeEnds compares the runs of a container that ended with the lines of its ends. The line ends[n] is about the run
// ended[of[n]], and about none if of[n] is negative.
func (j *soakJudge) judgeEnds(res *soakResult, ended []soakRun, ends []watchLine, of []int, hidden func(soakRun) bool,
	violates violation) {
	lineOf := map[int]int{} // by run
	for n, l := range ends {
		if of[n] < 0 {
			res.wrong++
			violates(l.at, "a line for no end: %s", l.text)
			continue
		}
		lineOf[of[n]] = n
	}
	for n, r := range ended {
		at, found := lineOf[n]
		if !found && (!j.required(r) || hidden(r)) {
			res.unseen++
			continue
		}
		res.ends++
		if !found {
			res.missing++
			violates(r.ended, "its end at %s is not reported", clock(r.ended))
			continue
		}
		l := ends[at]
		res.reported++
		if l.verdict == "inconclusive" {
			res.undecided = append(res.undecided, l.text)
		}
		if why := j.wrong(r, l); why != "" {
			res.wrong++
			violates(r.ended, "wrong: %s", why)
		}
		late, off := l.came.Sub(r.ended), l.at.Sub(r.ended)
		res.latest, res.farthest = max(res.latest, late), max(res.farthest, off.Abs())
		if late > soakLatest && j.required(r) {
			res.late++
			violates(r.ended, "written %s after the end", late.Round(time.Millisecond))
		}
		if off.Abs() > soakNearest {
			res.off++
			violates(r.ended, "its time is %s off", off.Round(time.Millisecond))
		}
	}
}

// judgeConfirmations compares what Docker said later with the ends that it names. The slices are those of judgeEnds.
func (j *soakJudge) judgeConfirmations(res *soakResult, lines []watchLine, ended []soakRun, ends []watchLine, of []int,
	violates violation) {
	for _, l := range lines {
		if l.action != "confirm" || l.verdict == "" {
			continue
		}
		res.confirmed++
		about := slices.IndexFunc(ends, func(e watchLine) bool { return e.at.Equal(l.endedAt) && e.came.Before(l.came) })
		if about < 0 || of[about] < 0 {
			res.wrong++
			violates(l.at, "confirms an end that was not reported")
		} else if why := j.wrong(ended[of[about]], l); why != "" {
			res.wrong++
			violates(l.at, "wrong, confirmed: %s", why)
		}
	}
}

// around shows the state, the actions and the lines about a container around some time.
func (j *soakJudge) around(at time.Time, name string, runs []soakRun, lines []watchLine) string {
	var text strings.Builder
	for _, r := range runs {
		if r.began.After(at.Add(time.Minute)) || !r.ended.IsZero() && r.ended.Before(at.Add(-time.Minute)) {
			continue
		}
		fmt.Fprintf(&text, "\n  run  %s process %d", clock(r.began), r.pid)
		if !r.ended.IsZero() {
			fmt.Fprintf(&text, " until %s", clock(r.ended))
		}
		if r.status != nil {
			fmt.Fprintf(&text, ", wait status %#x", uint32(*r.status))
		}
	}
	for _, a := range j.actions {
		if (a.name == "" || a.name == name) && a.from.Before(at.Add(40*time.Second)) && (a.to.IsZero() || a.to.After(at.Add(-40*time.Second))) {
			fmt.Fprintf(&text, "\n  done %s", a)
		}
	}
	for _, l := range lines {
		if (l.name == "" || l.name == name) && l.came.After(at.Add(-40*time.Second)) && l.came.Before(at.Add(time.Minute)) {
			fmt.Fprintf(&text, "\n  reported %s %s", clock(l.came), l.text)
		}
	}
	return text.String()
}

// align finds the run that each line is about, or -1, keeping the order of both, so that their times fit best.
func align(runs []soakRun, lines []watchLine) []int {
	const far = 2 * time.Minute // more than the time of any line is off
	cost := make([][]time.Duration, len(lines)+1)
	for n := range cost {
		cost[n] = make([]time.Duration, len(runs)+1)
		for m := range cost[n] {
			switch {
			case n == 0:
				cost[n][m] = time.Duration(m) * far / 2
			case m == 0:
				cost[n][m] = time.Duration(n) * far / 2
			default:
				cost[n][m] = min(cost[n-1][m]+far/2, cost[n][m-1]+far/2, cost[n-1][m-1]+fit(runs[m-1], lines[n-1], far))
			}
		}
	}
	of := slices.Repeat([]int{-1}, len(lines))
	for n, m := len(lines), len(runs); n > 0 && m > 0; {
		switch cost[n][m] {
		case cost[n-1][m-1] + fit(runs[m-1], lines[n-1], far):
			of[n-1] = m - 1
			n, m = n-1, m-1
		case cost[n-1][m] + far/2:
			n--
		default:
			m--
		}
	}
	return of
}

// fit returns how far the time of a line is from the end of a run. It is very far if the line was written before that
// end.
func fit(r soakRun, l watchLine, far time.Duration) time.Duration {
	if l.came.Before(r.ended.Add(-time.Second)) {
		return 2 * far
	}
	return min(l.at.Sub(r.ended).Abs(), 2*far)
}

// TestSoakJudge checks that the judge of the soak finds each kind of mistake.
func TestSoakJudge(t *testing.T) {
	start := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	nine, zero, three := unix.WaitStatus(9), unix.WaitStatus(0), unix.WaitStatus(3<<8)
	code := func(n int) *int { return &n }
	line := func(came, when float64, action, verdict string, code *int) watchLine {
		l := watchLine{name: "c", came: at(came), at: at(when), action: action, verdict: verdict, code: code}
		if verdict == "inconclusive" {
			l.missing = "something"
		}
		return l
	}
	confirms := func(ended float64, l watchLine) watchLine {
		l.endedAt = at(ended)
		return l
	}
	run := func(ended float64, status unix.WaitStatus) soakRun {
		return soakRun{name: "c", began: at(ended - 50), ended: at(ended), status: &status, execed: true}
	}
	action := func(what string, from, to float64) soakAction {
		a := soakAction{name: "c", what: what, from: at(from), to: at(to)}
		switch what {
		case doKill, doStop, doRestart, doOutside, doShim:
		default:
			a.name = ""
		}
		return a
	}
	gap := func(from, to float64) watchLine {
		return watchLine{came: at(to), at: at(to), action: "gap", text: fmt.Sprintf(
			`{"from":%q,"to":%q,"may_hide":["pauses that ended","how a run ended, if another one began"]}`,
			at(from).Format(time.RFC3339Nano), at(to).Format(time.RFC3339Nano))}
	}
	for _, c := range []struct {
		name    string
		actions []soakAction
		runs    []soakRun
		lines   []watchLine
		want    string // wrong, missing, late, off, undecided
	}{
		{"killed by request", []soakAction{action(doKill, 99, 101)}, []soakRun{run(100, nine)},
			[]watchLine{line(101, 100, "kill", "killed", code(137))}, "0 0 0 0 0"},
		{"killed by request, reported as from outside", []soakAction{action(doKill, 99, 101)}, []soakRun{run(100, nine)},
			[]watchLine{line(101, 100, "die", "killed", code(137))}, "1 0 0 0 0"},
		{"killed from outside", []soakAction{action(doOutside, 100, 100)}, []soakRun{run(100, nine)},
			[]watchLine{line(101, 100, "die", "killed", code(137))}, "0 0 0 0 0"},
		{"killed from outside, reported as by request", []soakAction{action(doOutside, 100, 100)}, []soakRun{run(100, nine)},
			[]watchLine{line(101, 100, "kill", "killed", code(137))}, "1 0 0 0 0"},
		{"a shim's end, and the code that is made up", []soakAction{action(doShim, 99, 99)}, []soakRun{run(100, nine)},
			[]watchLine{line(101, 100, "die", "crashed", code(255))}, "1 0 0 0 0"},
		{"undecided", []soakAction{action(doOutside, 100, 100)}, []soakRun{run(100, nine)},
			[]watchLine{line(101, 100, "die", "inconclusive", nil)}, "1 0 0 0 1"},
		{"undecided in a fault", []soakAction{action(doOutside, 100, 100), action(doMute, 90, 110)}, []soakRun{run(100, nine)},
			[]watchLine{line(101, 100, "die", "inconclusive", nil)}, "0 0 0 0 1"},
		{"undecided shortly after a fault", []soakAction{action(doOutside, 100, 100), action(doStart, 80, 86)}, []soakRun{run(100, nine)},
			[]watchLine{line(101, 100, "die", "inconclusive", nil)}, "0 0 0 0 1"},
		{"undecided long after a fault", []soakAction{action(doOutside, 100, 100), action(doMute, 60, 84)}, []soakRun{run(100, nine)},
			[]watchLine{line(101, 100, "die", "inconclusive", nil)}, "1 0 0 0 1"},
		{"a handled end, undecided while a signal may have been lost", []soakAction{action(doMute, 50, 60)}, []soakRun{run(100, three)},
			[]watchLine{line(101, 100, "die", "inconclusive", code(3))}, "0 0 0 0 1"},
		{"a handled end, undecided long after a fault", []soakAction{action(doMute, 40, 50)}, []soakRun{run(100, three)},
			[]watchLine{line(101, 100, "die", "inconclusive", code(3))}, "1 0 0 0 1"},
		{"undecided before a fault", []soakAction{action(doOutside, 100, 100), action(doMute, 103, 110)}, []soakRun{run(100, nine)},
			[]watchLine{line(104, 100, "die", "inconclusive", nil)}, "1 0 0 0 1"},
		{"undecided, and a fault begins before Docker can report it", []soakAction{action(doOutside, 100, 100), action(doMute, 100.05, 110)},
			[]soakRun{run(100, nine)}, []watchLine{line(106, 100, "die", "inconclusive", nil)}, "0 0 0 0 1"},
		{"undecided while inspect hangs about it", []soakAction{action(doOutside, 100, 100), action(doInspectHang+": c", 70, 110)},
			[]soakRun{run(100, nine)}, []watchLine{line(101, 100, "die", "inconclusive", nil)}, "0 0 0 0 1"},
		{"undecided while inspect hangs about another", []soakAction{action(doOutside, 100, 100), action(doInspectHang+": d", 70, 110)},
			[]soakRun{run(100, nine)}, []watchLine{line(101, 100, "die", "inconclusive", nil)}, "1 0 0 0 1"},
		{"undecided with a shim's end alone", []soakAction{action(doShim, 99, 99)}, []soakRun{run(100, nine)},
			[]watchLine{line(101, 100, "die", "inconclusive", nil)}, "1 0 0 0 1"},
		{"all of them undecided", nil, []soakRun{run(100, three), run(160, three)},
			[]watchLine{line(101, 100, "die", "inconclusive", code(3)), line(161, 160, "die", "inconclusive", code(3))}, "2 0 0 0 2"},
		{"undecided, and the kernel does not report the wait status", []soakAction{action(doOutside, 100, 100)},
			[]soakRun{{name: "c", began: at(50), ended: at(100), execed: true}},
			[]watchLine{line(101, 100, "die", "inconclusive", nil)}, "0 0 0 0 1"},
		{"graceful", []soakAction{action(doStop, 99, 101)}, []soakRun{run(100, zero)}, []watchLine{line(101, 100, "stop", "graceful", code(0))},
			"0 0 0 0 0"},
		{"the daemon's own stop, reported as an exit by itself", []soakAction{action(doShutdown, 99, 101)}, []soakRun{run(100, zero)},
			[]watchLine{line(101, 100, "die", "exited", code(0))}, "1 0 0 0 0"},
		{"by itself", nil, []soakRun{run(100, three)}, []watchLine{line(101, 100, "die", "crashed", code(3))}, "0 0 0 0 0"},
		{"not reported", nil, []soakRun{run(100, three)}, nil, "0 1 0 0 0"},
		{"reported twice", nil, []soakRun{run(100, three)},
			[]watchLine{line(101, 100, "die", "crashed", code(3)), line(130, 129, "die", "crashed", code(3))}, "1 0 0 0 0"},
		{"late and off", nil, []soakRun{run(100, three)}, []watchLine{line(122, 122, "die", "crashed", code(3))}, "0 0 1 1 0"},
		{"two ends, one of which is not reported", nil, []soakRun{run(100, three), run(160, three)},
			[]watchLine{line(161, 160, "die", "crashed", code(3))}, "0 1 0 0 0"},
		{"a run that Docker cannot know of", []soakAction{action(doDead, 40, 99)}, []soakRun{run(100, three)}, nil, "0 0 0 0 0"},
		{"confirmed, and wrongly", []soakAction{action(doOutside, 100, 100), action(doMute, 90, 110)}, []soakRun{run(100, nine)},
			[]watchLine{line(104, 100, "die", "inconclusive", code(137)),
				confirms(100, line(120, 120, "confirm", "crashed", code(255)))}, "1 0 0 0 1"},
		{"confirmed after the end of the next run", []soakAction{action(doStop, 99, 101), action(doMute, 90, 110), action(doKill, 159, 161)},
			[]soakRun{run(100, nine), run(160, nine)},
			[]watchLine{line(104, 100, "die", "inconclusive", code(137)), line(161, 160, "kill", "killed", code(137)),
				confirms(100, line(162, 120, "confirm", "forced", code(137)))}, "0 0 0 0 1"},
		{"a confirmed end that was not reported", []soakAction{action(doKill, 99, 101)}, []soakRun{run(100, nine)},
			[]watchLine{line(104, 100, "kill", "killed", code(137)), confirms(99, line(120, 120, "confirm", "killed", code(137)))}, "1 0 0 0 0"},
		{"a whole run within a gap, and another began in it", nil, []soakRun{run(100, three), run(160, three)},
			[]watchLine{gap(49, 115), line(161, 160, "die", "crashed", code(3))}, "0 0 0 0 0"},
		{"a whole run within a gap, and no other began in it", nil, []soakRun{run(100, three), run(160, three)},
			[]watchLine{gap(49, 109), line(161, 160, "die", "crashed", code(3))}, "0 1 0 0 0"},
		{"a run that began before the gap", nil, []soakRun{run(100, three), run(160, three)},
			[]watchLine{gap(51, 115), line(161, 160, "die", "crashed", code(3))}, "0 1 0 0 0"},
	} {
		j := soakJudge{actions: c.actions, endsItself: func(string) (int, bool) { return 3, true }}
		res := j.judge(map[string][]soakRun{"c": c.runs},
			slices.SortedFunc(slices.Values(c.lines), func(a, b watchLine) int { return cmp.Compare(a.came.UnixNano(), b.came.UnixNano()) }))
		if got := fmt.Sprint(res.wrong, res.missing, res.late, res.off, len(res.undecided)); got != c.want {
			t.Errorf("%s: wrong, missing, late, off, undecided: %s, wanted %s\n%s", c.name, got, c.want, strings.Join(res.violations, "\n"))
		}
	}
}
