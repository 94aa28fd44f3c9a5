package prediction

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestUWSGI checks that its arguments decide what SIGTERM does, and that it fails without a master. A master has workers.
func TestUWSGI(t *testing.T) {
	for line, c := range map[string]struct {
		workers    int
		term, intr string
	}{
		"uwsgi --master --http-socket :80":               {2, "forced", "graceful"},
		"uwsgi -M --http-socket :80":                     {2, "forced", "graceful"},
		"uwsgi --master --die-on-term --http-socket :80": {2, "graceful", "graceful"},
		"uwsgi --http-socket :80":                        {0, "failed-stopping", "failed-stopping"},
		"uwsgi --http-socket :80 --processes 2":          {1, "forced|graceful", "graceful"},
		"uwsgi --ini /app.ini":                           {2, "forced|graceful", "graceful"},
		"uwsgi /app.ini":                                 {2, "forced|graceful", "graceful"},
		"uwsgi --ini=/app.ini --die-on-term":             {2, "graceful", "graceful"},
	} {
		p := first(program("uwsgi-core"), catches, func(p *Process) { p.Arguments, p.Children = strings.Fields(line), c.workers })
		if o := Predict(facts(p)).Stop; text(&o) != c.term {
			t.Errorf("%s: %s, wanted %s", line, text(&o), c.term)
		}
		p.Caught = set(unix.SIGHUP, intr)
		if o := Predict(facts(p, signal(unix.SIGHUP))).Stop; text(&o) != "forced" {
			t.Errorf("%s, HUP: %s", line, text(&o))
		}
		if o := Predict(facts(p, signal(intr))).Stop; text(&o) != c.intr {
			t.Errorf("%s, INT: %s, wanted %s", line, text(&o), c.intr)
		}
	}
	p := first(program("uwsgi-core"), catches, func(p *Process) { p.Arguments, p.Children = []string{"uwsgi", "--master"}, 1 })
	p.Environment = map[string]string{"UWSGI_DIE_ON_TERM": "1"}
	if o := Predict(facts(p)).Stop; text(&o) != "graceful" {
		t.Errorf("UWSGI_DIE_ON_TERM: %s", text(&o))
	}
}
