package prediction

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestUWSGI checks that its arguments decide what SIGTERM does.
func TestUWSGI(t *testing.T) {
	for line, want := range map[string]string{
		"uwsgi --master --http-socket :80":               "forced",
		"uwsgi -M --http-socket :80":                     "forced",
		"uwsgi --master --die-on-term --http-socket :80": "graceful|forced",
		"uwsgi --http-socket :80":                        "graceful|forced",
		"uwsgi --ini /app.ini":                           "forced|graceful",
		"uwsgi /app.ini":                                 "forced|graceful",
		"uwsgi --ini=/app.ini --die-on-term":             "graceful|forced",
	} {
		p := first(program("uwsgi-core"), catches, func(p *Process) { p.Arguments = strings.Fields(line) })
		if o := Predict(facts(p)).Stop; text(&o) != want {
			t.Errorf("%s: %s, wanted %s", line, text(&o), want)
		}
		p.Caught = set(unix.SIGHUP, intr)
		if o := Predict(facts(p, signal(unix.SIGHUP))).Stop; text(&o) != "forced" {
			t.Errorf("%s, HUP: %s", line, text(&o))
		}
		if o := Predict(facts(p, signal(intr))).Stop; text(&o) != "graceful|forced" {
			t.Errorf("%s, INT: %s", line, text(&o))
		}
	}
	p := first(program("uwsgi-core"), catches, func(p *Process) { p.Arguments = []string{"uwsgi", "--master"} })
	p.Environment = map[string]string{"UWSGI_DIE_ON_TERM": "1"}
	if o := Predict(facts(p)).Stop; text(&o) != "graceful|forced" {
		t.Errorf("UWSGI_DIE_ON_TERM: %s", text(&o))
	}
}
