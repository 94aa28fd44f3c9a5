package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
)

// watchLines are lines as watch writes them.
var watchLines = []string{
	`{"level":"warn","time":"2026-05-20T09:59:58Z","action":"gap","message":"the daemon's history begins later than requested"}`,
	`{"level":"info","time":"2026-05-20T10:00:00.5Z","container":{"id":"c0ffee","name":"web"},"action":"start","message":"web: started"}`,
	`{"level":"error","time":"2026-05-20T10:00:01Z","container":{"id":"c0ffee","name":"web"},"action":"die","verdict":"oom-killed",` +
		`"message":"web: killed by the OOM killer, its first process tail (pid 12490), at its limit of 16 MiB; ` +
		`it held at most 16 MiB; exit code 137"}`,
	`{"level":"info","time":"2026-05-20T10:00:02Z","container":{"id":"c0ffee00112233445566","name":null},"action":"pause",` +
		`"verdict":"paused","message":"c0ffee001122: paused"}`,
	`{"level":"warn","time":"2026-05-21T00:00:03Z","container":{"id":"c0ffee","name":"web"},"action":"freeze",` +
		`"verdict":"frozen-outside-docker","message":"web: frozen, but Docker does not say so; it holds 2.27 MiB, ` +
		`and the rest is as it was before that"}`,
	`{"level":"info","time":"2026-05-21T00:00:04Z","action":"daemon",` +
		`"message":"docker is away; try: haltscope doctor --docker /usr/bin/docker"}`,
}

func watchText(t *testing.T, o TableOptions) string {
	t.Helper()
	var out bytes.Buffer
	w := NewWatchWriter(&out, func() TableOptions { return o }, time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	for _, line := range watchLines {
		if n, err := w.Write([]byte(line + "\n")); err != nil || n != len(line)+1 {
			t.Fatal(n, err)
		}
	}
	return out.String()
}

// TestWatchLines checks the lines for people: columns, wrapped texts, another day, and a command in one piece.
func TestWatchLines(t *testing.T) {
	want := `09:59:58                                  the daemon's history begins later than
                                          requested
10:00:00  web                             started
10:00:01  web               oom-killed    killed by the OOM killer, its first
                                          process tail (pid 12490), at its limit
                                          of 16 MiB; it held at most 16 MiB;
                                          exit code 137
10:00:02  c0ffee001122      paused        paused
2026-05-21
00:00:03  web               frozen-outside-docker  frozen, but Docker does not
          say so; it holds 2.27 MiB, and the rest is as it was before that
00:00:04  docker is away; try: haltscope doctor --docker /usr/bin/docker
`
	if got := watchText(t, TableOptions{Width: 80}); got != want {
		t.Errorf("\n%s\nwanted\n%s", got, want)
	}
}

// TestWatchLinesFit checks that the lines fit any terminal, and that their colors are those of the verdicts.
func TestWatchLinesFit(t *testing.T) {
	for _, width := range []int{60, 72, 80, 100, 200} {
		for line := range strings.Lines(watchText(t, TableOptions{Width: width, Color: true})) {
			if n := text.StringWidthWithoutEscSequences(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d columns instead of %d: %s", n, width, line)
			}
		}
	}
	got := watchText(t, TableOptions{Color: true})
	for color, of := range map[text.Color]string{text.FgRed: "oom-killed", text.FgGreen: "paused", text.FgYellow: "frozen-outside-docker"} {
		if !strings.Contains(got, color.Sprint(of)) {
			t.Errorf("%s is not in its color: %q", of, got)
		}
	}
	if want := text.FgYellow.Sprint("the daemon's history begins later than requested"); !strings.Contains(got, want) {
		t.Errorf("a warning: %q", got)
	}
	if strings.Contains(watchText(t, TableOptions{}), "\x1b") {
		t.Error("unwanted colors")
	}
}

// TestWatchLineUnread checks that what is no line of watch is an error, and not dropped.
func TestWatchLineUnread(t *testing.T) {
	w := NewWatchWriter(new(bytes.Buffer), func() TableOptions { return TableOptions{} }, time.Now())
	if n, err := fmt.Fprintln(w, "junk"); err == nil || n != 0 {
		t.Error(n, err)
	}
}
