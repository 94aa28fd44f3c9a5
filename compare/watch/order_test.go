package watch

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestOrder checks which lines wait for earlier ones, and that those about one container keep their order.
func TestOrder(t *testing.T) {
	const never = 0
	for _, c := range []struct {
		name     string
		lines    string // container and time of each, as they come
		earliest int    // what is still to be written
		now      int    // 0 ms is when the lines come
		want     string
	}{
		{"nothing is due", "a5 b3 c4", never, 10, "b3 c4 a5"},
		{"something earlier is due", "a5 b3 c4", 2, 10, ""},
		{"something of the same time is due", "a5 b3 c4", 4, 10, "b3 c4"},
		{"a second has passed", "a5 b3 c4", 2, 1000, "b3 c4 a5"},
		{"it happened long ago", "a-2000 b-2500 c4", -3000, 10, "b-2500 a-2000"},
		{"one container", "a5 a3 b4 a6", never, 10, "b4 a5 a3 a6"},
		{"the watch itself", "-5 -3 b4", never, 10, "b4 -5 -3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var o order
			for one := range strings.FieldsSeq(c.lines) {
				id := strings.TrimRight(one[:1], "-")
				var ms int
				if _, err := fmt.Sscan(one[1:], &ms); err != nil {
					t.Fatal(err)
				}
				o.hold(&Line{ID: id, At: at(ms), Message: one}, at(0))
			}
			var earliest time.Time
			if c.earliest != never {
				earliest = at(c.earliest)
			}
			var got []string
			for _, line := range o.take(earliest, at(c.now)) {
				got = append(got, line.Message)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%v, wanted %s", got, c.want)
			}
		})
	}
}

// pastEvents are those of two containers that ended one after the other, and lived at the same time.
func pastEvents(now time.Time) string {
	var all strings.Builder
	for _, e := range []struct {
		id      int
		seconds int
		action  string
		extra   string
	}{{1, 60, "start", ""}, {2, 50, "start", ""}, {3, 45, "start", ""}, {3, 42, "kill", `"signal":"1",`}, {1, 40, "die", `"exitCode":"0",`},
		{2, 30, "die", `"exitCode":"0",`}, {2, 20, "start", ""}, {1, 10, "destroy", ""}} {
		all.Write(jsonLineAt(e.id, now.Add(-time.Duration(e.seconds)*time.Second), e.action, e.extra))
		all.WriteByte('\n')
	}
	return all.String()
}

func (s *fakeWatch) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, l := range s.lines {
		all = append(all, strings.TrimSpace(strings.TrimLeft(l.ID, "0")+" "+l.Action))
	}
	return strings.Join(all, ", ")
}

const toldPast = "1 start, 2 start, 3 start, 3 kill, 1 die, 2 die, 2 start, 1 destroy"

// TestPastInOrder checks that the lines of the past come in order of time, and before the beginning of the watch; and that lines
// follow.
func TestPastInOrder(t *testing.T) {
	now := time.Now()
	s := startFakeWatchWith(t, Options{Since: now.Add(-time.Minute)}, func(s *fakeWatch) {
		s.file("history", pastEvents(now))
		s.file("runs", "")
		s.file("events.1", string(jsonLineAt(7, now, "start", ""))+"\n")
	})
	s.waitFor(t, ActionWatch, 1)
	for deadline := time.Now().Add(time.Minute); !strings.Contains(s.told(), "7 start") && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if got := s.told(); got != toldPast+", 7 start, watch, watch-end" && got != toldPast+", watch, 7 start, watch-end" {
		t.Error(got)
	}
}

// TestPastOnly checks that a watch of the past ends by itself, with no line of its own, and writes nothing of later.
func TestPastOnly(t *testing.T) {
	now := time.Now()
	for until, want := range map[time.Duration]string{0: toldPast, -35 * time.Second: "1 start, 2 start, 3 start, 3 kill, 1 die"} {
		t.Run(until.String(), func(t *testing.T) {
			s := startFakeWatchWith(t, Options{Since: now.Add(-time.Minute), Until: now.Add(until), PastOnly: true}, func(s *fakeWatch) {
				s.file("history", pastEvents(now))
				s.file("runs", "")
			})
			if err := s.wait(); err != nil {
				t.Error(err)
			}
			if got := s.told(); got != want {
				t.Errorf("%s, wanted %s", got, want)
			}
		})
	}
}

// TestPastFails checks that a watch of the past ends with an error if docker does not give it.
func TestPastFails(t *testing.T) {
	now := time.Now()
	s := startFakeWatchWith(t, Options{Since: now.Add(-time.Minute), Until: now, PastOnly: true}, func(s *fakeWatch) {
		s.file("history", pastEvents(now))
		s.file("down", "")
	})
	if err := s.wait(); err == nil || !strings.Contains(err.Error(), "daemon") {
		t.Error(err)
	}
	if got := s.told(); got != "" {
		t.Error(got)
	}
}

// TestUntil checks that a watch ends at its time, and that it says that it has begun before it is ready.
func TestUntil(t *testing.T) {
	var s *fakeWatch
	beforeReady := make(chan string, 1)
	o := Options{Until: time.Now().Add(15 * time.Second), Ready: func() { beforeReady <- s.told() }}
	startFakeWatchWith(t, o, func(prepared *fakeWatch) { s = prepared; s.file("events.1", "") })
	if err := s.wait(); err != nil {
		t.Error(err)
	}
	if got := s.told(); got != "watch, watch-end" {
		t.Error(got)
	}
	if got := <-beforeReady; got != "watch" {
		t.Errorf("before it was ready it had written %q", got)
	}
}

// TestEndingText checks what the last line says.
func TestEndingText(t *testing.T) {
	w, written := runningWatch()
	w.writeEnding(t.Context(), errors.New("polling the cgroups: it fails"))
	lines := written()
	if last := lines[len(lines)-1]; last.Level != Error || last.Message != "stopped watching: polling the cgroups: it fails" {
		t.Errorf("%+v", last)
	}
}

// TestTimes checks between which times a watch reports, and what is refused.
func TestTimes(t *testing.T) {
	now := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		Settings
		pastOnly bool
		fails    string
	}{
		{Settings{}, false, ""},
		{Settings{Since: "1h"}, false, ""},
		{Settings{Since: "1h", NoFollow: true}, true, ""},
		{Settings{Since: "1h", Until: "30m"}, true, ""},
		{Settings{Since: "1h", Until: "2026-05-20T13:00:00Z"}, false, ""},
		{Settings{Until: "2026-05-20T13:00:00Z"}, false, ""},
		{Settings{Until: "soon"}, false, `--until "soon" is not a time`},
		{Settings{NoFollow: true}, false, "--no-follow reports only the past"},
		{Settings{Until: "30m"}, false, "--until 30m reports only the past"},
		{Settings{Since: "10m", Until: "30m"}, false, "no time between --since 10m and --until 30m"},
		{Settings{Since: "2026-05-21"}, false, "is still to come"},
	} {
		var o Options
		err := o.setTimes(c.Settings, now)
		switch {
		case c.fails == "" && (err != nil || o.PastOnly != c.pastOnly):
			t.Errorf("%+v: %+v, %v", c.Settings, o, err)
		case c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)):
			t.Errorf("%+v: %v, wanted %s", c.Settings, err, c.fails)
		}
	}
}
