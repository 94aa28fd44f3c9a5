package why

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/journal"
	"haltscope/compare/rules/past"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// journalOf writes a journal: one line for each word, such as start@1, die/crashed:3@5, watch:warn@7 for
// one of the level warn, or confirm/killed:137@9=5 for one about 5.
func journalOf(t *testing.T, words string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "journal")
	w, err := journal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, word := range strings.Fields(words) {
		what, when, _ := strings.Cut(word, "@")
		level := "info"
		if plain, warns := strings.CutSuffix(what, ":warn"); warns {
			what, level = plain, "warn"
		}
		action, verdict, _ := strings.Cut(what, "/")
		kind, code, _ := strings.Cut(verdict, ":")
		when, about, _ := strings.Cut(when, "=")
		text := fmt.Sprintf(`{"level":%q,"time":%q,"action":%q`, level, lineAt(t, when), action)
		if !slices.Contains([]string{"watch", "watch-end", "input"}, action) {
			text += `,"container":{"id":"c0ffee","name":"web"}`
		}
		if kind != "" {
			text += fmt.Sprintf(`,"verdict":%q`, kind)
		}
		if code != "" {
			text += `,"exit_code":` + code
		}
		if about != "" {
			text += fmt.Sprintf(`,"ended_at":%q`, lineAt(t, about))
		}
		if _, err := w.Write([]byte(text + `,"because":[{"source":"kernel","value":"x"}],"message":"web: how"}` + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func lineAt(t *testing.T, seconds string) string {
	t.Helper()
	var n float64
	if _, err := fmt.Sscan(seconds, &n); err != nil {
		t.Fatal(seconds, err)
	}
	return after(n).Format("2006-01-02T15:04:05.999999999Z07:00")
}

// TestAddWatched: the journal's ends are those of the runs that Docker tells of, or of others.
func TestAddWatched(t *testing.T) {
	for name, c := range map[string]struct{ journal, events, want string }{
		"the same end":                       {"start@1 die/killed:137@5.1", "start@1 die:137@5.2", "1-5.2 killed"},
		"another end":                        {"start@1 die/killed:137@5", "start@100 die:3@105", "1-5 killed; 100-105 -"},
		"the next run":                       {"die/killed:137@5", "start@5.2 die:3@6", "?-5 killed; 5.2-6 -"},
		"one of a loop":                      {"die/crashed:3@7.05", "start@5 die:3@6 start@6.1 die:3@7", "5-6 -; 6.1-7 crashed"},
		"a confirmed end":                    {"die/inconclusive@5 confirm/killed:137@9=5", "", "?-5 killed"},
		"no end":                             {"start@1 pause/paused@3 die@5", "", ""},
		"Docker forgot it":                   {"start@1 stop/graceful:0@5 start@6 stop/forced:137@9", "", "1-5 graceful; 6-9 forced"},
		"told twice":                         {"start@1 die/killed:137@5 start@1 die/killed:137@5.1", "start@1 die:137@5.1", "1-5.1 killed"},
		"told twice, better the second time": {"start@1 die/inconclusive:137@5 start@1 die/killed:137@5.1", "", "1-5.1 killed"},
		"told twice, of a loop": {"start@5 die/crashed:3@6 start@6.1 die/crashed:3@7 start@5 die/crashed:3@6.02 start@6.1 die/crashed:3@7.02",
			"", "5-6 crashed; 6.1-7 crashed"},
		"no journal": {"", "start@1 die:3@6", "1-6 -"},
	} {
		w := readJournal(journalOf(t, c.journal))
		if w.err != nil {
			t.Fatal(w.err)
		}
		var got []string
		for _, r := range addWatched(runsOf(events(t, c.events), nil), w.containers["c0ffee"]) {
			kind := "-"
			if r.watched != nil {
				kind = string(r.watched.Verdict)
			}
			span, _, _ := strings.Cut(text([]run{r}), " ")
			got = append(got, span+" "+kind)
		}
		if got := strings.Join(got, "; "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestReadJournal: a journal that is not there is an error only if it was asked for, and what can be read of a damaged one is used.
func TestReadJournal(t *testing.T) {
	if w := readJournal(filepath.Join(t.TempDir(), "none")); w.err == nil || w.missing {
		t.Errorf("%+v", w)
	}
	dir := journalOf(t, "start@1 die/crashed:3@5")
	file := filepath.Join(dir, "watch-00000001.jsonl")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(string(data), "\n")
	if err := os.WriteFile(file, []byte(first+"\n{broken\n\n"+rest+`{"level":"in`), 0o600); err != nil {
		t.Fatal(err)
	}
	w := readJournal(dir)
	if w.err == nil || !strings.Contains(w.err.Error(), "2 parts") || len(w.containers["c0ffee"].ends) != 1 {
		t.Errorf("%v, %+v", w.err, w.containers["c0ffee"])
	}
}

// TestWatchedVerdict: what a watch saw decides. Where that did not decide, what is left may.
func TestWatchedVerdict(t *testing.T) {
	for journal, want := range map[string]struct {
		kind value.Kind
		sure value.Confidence
		code string
	}{
		"die/killed:137@5":     {value.Killed, value.Certain, "137"},
		"die/inconclusive@5":   {value.Crashed, value.Likely, "3"},
		"die/inconclusive:7@5": {value.Crashed, value.Likely, "7"},
	} {
		w := readJournal(journalOf(t, journal))
		s := &sources{watched: w, history: dockercli.History{Events: 200, Oldest: after(0)}}
		sub := subject{id: "c0ffee", events: events(t, "start@1 die:3@5")}
		runs := addWatched(runsOf(sub.events, nil), w.containers["c0ffee"])
		f := s.facts(&sub, &runs[0])
		v := past.Judge(f)
		if v.Kind != want.kind || v.Confidence != want.sure && v.Confidence != value.Certain || fmt.Sprint(*f.Code) != want.code {
			t.Errorf("%s: %+v, code %d", journal, v, *f.Code)
		}
		if journal == "die/killed:137@5" && (v.How != "how" || v.Because[0].Source != "haltscope watch: kernel") {
			t.Errorf("%+v", v)
		}
	}
}

// Who sent the signal is what the watch has seen, or why it has not.
// Who asked Docker comes from the watch's line, with the reason if it is not known.
func TestWatchedAsker(t *testing.T) {
	line := func(rest string) *document.WatchLine {
		t.Helper()
		read, err := document.DecodeWatchLine([]byte(`{"level":"warn","time":"2026-05-20T12:00:00Z","action":"stop","message":"x"` + rest + "}"))
		if err != nil {
			t.Fatal(err)
		}
		return read
	}
	for name, c := range map[string]struct {
		run    run
		pid    int
		detail string
	}{
		"seen": {run{watched: line(`,"asked_by":{"pid":7,"command":"docker stop","user":"root","parents":[]}`)}, 7, ""},
		"not seen": {run{watched: line(`,"asked_by":null,"notes":[{"field":"asked_by","reason":"not-measured","detail":"gone"}]`)}, 0,
			"gone"},
		"an older watch": {run{watched: line("")}, 0, "the watch did not look who asks Docker"},
		"no watch":       {run{}, 0, "only a watch sees who asks Docker"},
	} {
		got := c.run.askedBy()
		if actor, _ := got.Get(); actor.PID != c.pid || got.Detail() != c.detail {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWatchedSender(t *testing.T) {
	line := func(rest string) *document.WatchLine {
		t.Helper()
		read, err := document.DecodeWatchLine([]byte(`{"level":"warn","time":"2026-05-20T12:00:00Z","action":"die","message":"x"` + rest + "}"))
		if err != nil {
			t.Fatal(err)
		}
		return read
	}
	for name, c := range map[string]struct {
		run    run
		pid    int
		detail string
	}{
		"seen": {run{watched: line(`,"sent_by":{"pid":7,"command":"kill","user":"root","parents":[]}`)}, 7, ""},
		"not seen": {run{watched: line(`,"sent_by":null,"notes":[{"field":"sent_by","reason":"unsupported","detail":"no tracefs"}]`)}, 0,
			"no tracefs"},
		"an older watch": {run{watched: line("")}, 0, "the watch did not look who sends signals"},
		"no watch":       {run{}, 0, "only a watch sees who sends a signal"},
	} {
		got := c.run.sentBy()
		if actor, _ := got.Get(); actor.PID != c.pid || got.Detail() != c.detail {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
