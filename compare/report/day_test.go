package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

var dayBegin = time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)

func dayTime(minutes int) string {
	return dayBegin.Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339)
}

// dayDocument returns a day with containers that all fail so often, each time for another reason or always for the same.
func dayDocument(containers, ends int, sameReason bool) *document.Why {
	d := &document.Why{Schema: document.WhySchema, Since: dayTime(0), Timeline: &document.Timeline{From: dayTime(0), To: dayTime(24 * 60)}}
	for n := range containers {
		c := document.WhyContainer{Name: fmt.Sprintf("web-%03d", n), ID: fmt.Sprintf("%064x", n+1)}
		t := document.TimelineContainer{Name: c.Name, ID: c.ID}
		for i := range ends {
			at := (i + 1) * 24 * 60 / (ends + 1)
			r := document.WhyRun{StartedAt: value.Known(dayTime(at - 5)), EndedAt: value.Known(dayTime(at)), ExitCode: value.Known(3),
				Means: "the program's own, a failure", Next: []string{"docker logs --tail 50 " + c.Name},
				Verdict: document.WhyVerdict{Kind: value.Crashed, Confidence: value.Likely, How: fmt.Sprintf("pid %d", i)}}
			if !sameReason {
				r.Verdict.How += strings.Repeat("x", i+1)
			}
			for range 6 {
				r.Verdict.Because = append(r.Verdict.Because, document.WhyBecause{Source: "docker events", At: value.Known(dayTime(at)),
					Value: "kill, signal 9"})
			}
			c.Runs = append(c.Runs, r)
			t.Spans = append(t.Spans, document.TimelineSpan{State: document.SpanRunning, From: value.Known(dayTime(at - 5)), To: dayTime(at)})
		}
		d.Containers, d.Timeline.Containers = append(d.Containers, c), append(d.Timeline.Containers, t)
	}
	return d
}

// TestDaySize checks that a page stays below 2 MB with 200 containers and 2,000 ends, also if each needs an explanation of its own, and
// that it says what it leaves out.
func TestDaySize(t *testing.T) {
	for name, c := range map[string]struct {
		containers, ends int
		same             bool
		says             []string
	}{
		"the same reasons":  {200, 10, true, []string{"2000 runs of 200 containers ended, 2000 of them abnormally", "10 times"}},
		"a reason for each": {200, 10, false, []string{"1700 further explanations, in short"}},
		"more than are drawn": {400, 10, false, []string{"4000 runs of 400 containers ended, 4000 of them abnormally: 4000 crashed.",
			"1000 ends of 4000 have no mark", "100 containers more did not fit"}},
		"more rows than are drawn": {400, 2, true, []string{"800 runs of 400 containers ended, 800 of them abnormally",
			"200 ends of 800 have no mark", "2 times, the last at"}},
		"some of a container": {2, 2000, true, []string{"4000 runs of 2 containers ended, 4000 of them abnormally",
			"1000 ends of 4000 have no mark", "(500 more have no mark)"}},
		"one that always fails": {1, 2000, true, []string{"2000 times"}},
	} {
		var out bytes.Buffer
		if err := HTML(&out, dayDocument(c.containers, c.ends, c.same)); err != nil {
			t.Fatal(err)
		}
		page := out.String()
		if len(page) >= 2<<20 {
			t.Errorf("%s: %d bytes", name, len(page))
		}
		for _, text := range c.says {
			if !strings.Contains(page, text) {
				t.Errorf("%s: it does not say %q", name, text)
			}
		}
		checkLinks(t, name, page)
	}
}

// TestDayMarks checks which ends have a mark if there are too many: the abnormal ones, and then the newest of all containers.
func TestDayMarks(t *testing.T) {
	d := dayDocument(3, 2000, true)
	for i := range d.Containers[:2] {
		for n := range d.Containers[i].Runs {
			d.Containers[i].Runs[n].Verdict.Kind = value.Exited
		}
	}
	p := dayOf(d)
	oldest, marks := map[string]time.Time{}, map[string]int{}
	for _, r := range p.rows {
		for _, e := range r.ends {
			if e.mark == "" {
				continue
			}
			marks[r.name]++
			if at := oldest[r.name]; at.IsZero() || e.at.Before(at) {
				oldest[r.name] = e.at
			}
		}
	}
	if marks["web-002"] != 2000 || marks["web-000"] < 499 || marks["web-000"] > 501 || marks["web-000"]+marks["web-001"] != 1000 {
		t.Errorf("marks: %v", marks)
	}
	if p.ends != 6000 || p.left != 3000 || p.ended != 3 || len(p.groups) != 1 || len(p.groups[0].ends) != 2000 {
		t.Errorf("%d ends, %d without a mark, of %d containers, %d groups", p.ends, p.left, p.ended, len(p.groups))
	}
	evening := dayBegin.Add(17 * time.Hour)
	if oldest["web-000"].Before(evening) || oldest["web-001"].Before(evening) {
		t.Errorf("the oldest with a mark: %v", oldest)
	}
}

// checkLinks checks that each link of a page leads somewhere, and that each anchor is there once.
func checkLinks(t *testing.T, name, page string) {
	t.Helper()
	anchors := map[string]int{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		anchors[m[1]]++
	}
	for anchor, n := range anchors {
		if n != 1 {
			t.Errorf("%s: %q is there %d times", name, anchor, n)
		}
	}
	links := regexp.MustCompile(` href="#([^"]*)"`).FindAllStringSubmatch(page, -1)
	for _, m := range links {
		if anchors[m[1]] == 0 {
			t.Errorf("%s: %q leads to nothing", name, m[1])
		}
	}
	if len(links) == 0 {
		t.Errorf("%s: no links", name)
	}
}

// TestDayHTML checks what a page of a few ends says.
func TestDayHTML(t *testing.T) {
	d := dayDocument(2, 2, true)
	d.Timeline.Containers = append(d.Timeline.Containers, document.TimelineContainer{Name: "db", ID: strings.Repeat("d", 64),
		Spans: []document.TimelineSpan{{State: document.SpanRunning, From: value.Absent[string](value.NotMeasured, ""), To: dayTime(12 * 60)},
			{State: document.SpanPaused, From: value.Known(dayTime(6 * 60)), To: dayTime(12 * 60)}}})
	d.Timeline.Bands = []document.TimelineBand{{Kind: document.BandUnwatched, From: dayTime(0), To: dayTime(12 * 60), Text: "no watch ran"}}
	d.Sources = []document.WhySource{{Name: "docker events", Error: "denied"}}
	var out bytes.Buffer
	if err := HTML(&out, d); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{
		"4 runs of 2 containers ended, 4 of them abnormally: 4 crashed.":                                1,
		`<i class="paused" style="left:25%;width:25%">`:                                                 1,
		`<i class="running open" style="left:48.50%;width:1.50%">`:                                      1,
		`<i class="unwatched" style="left:0%;width:50%">`:                                               1,
		`<a id="m2" class="bad" style="left:66.67%" href="#e1" title="crashed, exit code 3, 16:00:00">`: 1,
		`<a href="#m2">16:00:00</a>`:                                                                    1,
		"no watch ran":                                                                                  1,
		"docker events: denied":                                                                         1,
		"2 times":                                                                                       2,
		`>09:00<`:                                                                                       1,
		"<script":                                                                                       0,
	} {
		if n := strings.Count(out.String(), text); n != want {
			t.Errorf("%q: %d times, want %d", text, n, want)
		}
	}
}

// TestDayTicks checks the labels of the axis: round times, few of them, and days where there are several.
func TestDayTicks(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string
		want     string
	}{
		"a day":       {"2026-05-20T09:30:00Z", "2026-05-21T09:30:00Z", "12:00 15:00 18:00 21:00 May 21 03:00 06:00 09:00"},
		"an hour":     {"2026-05-20T09:31:07Z", "2026-05-20T10:31:07Z", "09:40 09:50 10:00 10:10 10:20 10:30"},
		"seconds":     {"2026-05-20T09:30:00.5Z", "2026-05-20T09:30:03Z", "09:30:01 09:30:02 09:30:03"},
		"a week":      {"2026-05-20T09:30:00Z", "2026-05-27T09:30:00Z", "May 21 May 22 May 23 May 24 May 25 May 26 May 27"},
		"by its zone": {"2026-05-20T09:30:00+05:30", "2026-05-20T15:30:00+05:30", "10:00 11:00 12:00 13:00 14:00 15:00"},
		"no time":     {"2026-05-20T09:30:00Z", "2026-05-20T09:30:00Z", "09:30:00 09:30:01"},
		"not a time":  {"x", "y", "Jan 1 00:00:01"},
	} {
		p := dayOf(&document.Why{Timeline: &document.Timeline{From: c.from, To: c.to}})
		var labels []string
		for _, tick := range p.ticks() {
			labels = append(labels, tick.label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

// TestDayBars checks that bars that touch become one, and that what is within a run is drawn over it.
func TestDayBars(t *testing.T) {
	p := dayOf(&document.Why{Timeline: &document.Timeline{From: dayTime(0), To: dayTime(1000)}})
	span := func(state document.SpanState, from, to int) document.TimelineSpan {
		return document.TimelineSpan{State: state, From: value.Known(dayTime(from)), To: dayTime(to)}
	}
	got := fmt.Sprint(p.bars([]document.TimelineSpan{span(document.SpanPaused, 10, 20), span(document.SpanRunning, 0, 100),
		span(document.SpanRunning, 100, 200), span(document.SpanRunning, 300, 2000)}))
	if want := "[{running 0 20} {running 30 100} {paused 1 2}]"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}
