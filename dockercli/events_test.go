package dockercli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A line that cannot be understood, or is too long, is reported, and the stream continues to its end.
func TestStreamAll(t *testing.T) {
	event := func(action, nano string) string {
		return `echo '{"Action":"` + action + `","Actor":{"ID":"ab"},"timeNano":` + nano + `}'` + "\n"
	}
	c := fake(t, event("kill", "1")+"echo; echo nonsense; head -c 5000000 /dev/zero | tr '\\0' x; echo\n"+event("die", "2")+event("die", "2"))
	events, err := c.Follow(context.Background(), time.Unix(0, 0), time.Time{}, Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for e, err := range events {
		var line *LineError
		switch {
		case errors.As(err, &line):
			got = append(got, "line")
		case err != nil:
			got = append(got, "end")
		default:
			got = append(got, e.Action)
		}
	}
	if text := strings.Join(got, " "); text != "kill line line die die end" {
		t.Error(text)
	}
}

// When the loop is left, or ctx ends, docker ends, and there is no error.
func TestStreamEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := fake(t, `echo '{"Action":"kill","Actor":{"ID":"ab"},"timeNano":1}'; exec sleep 60`)
	for name, leave := range map[string]bool{"left": true, "ctx": false} {
		began, n := time.Now(), 0
		events, err := c.Follow(ctx, time.Unix(0, 0), time.Time{}, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range events {
			if n++; err != nil {
				t.Error(err)
			}
			if leave {
				break
			}
			cancel()
		}
		if n != 1 || time.Since(began) > 30*time.Second {
			t.Errorf("%s: %d events, %s", name, n, time.Since(began))
		}
		ctx, cancel = context.WithCancel(context.Background())
		defer cancel()
	}
}

// Filters are docker's, and an event is asked for from a moment on.
func TestFollowArguments(t *testing.T) {
	args := filepath.Join(t.TempDir(), "args")
	c := fake(t, `echo "$*" >`+args)
	filter := Filter{Labels: []string{"a=b", "c"}, Images: []string{"nginx"}, Networks: []string{"n"}, Containers: []string{"x"}}
	events, err := c.Follow(context.Background(), time.Unix(7, 5), time.Time{}, filter)
	if err != nil {
		t.Fatal(err)
	}
	for range events {
	}
	want := "events --since 7.000000005 --filter type=container " +
		"--filter label=a=b --filter label=c --filter image=nginx --filter container=x --format {"
	if got, err := os.ReadFile(args); err != nil || !strings.HasPrefix(string(got), want) {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := c.Ps(context.Background(), true, filter); err != nil {
		t.Fatal(err)
	}
	want = "} --all --filter label=a=b --filter label=c --filter ancestor=nginx --filter network=n\n"
	if got, err := os.ReadFile(args); err != nil || !strings.HasSuffix(string(got), want) {
		t.Errorf("%s, %v", got, err)
	}
}

func TestParseHistory(t *testing.T) {
	line := func(action, signal string, nano int) string {
		return fmt.Sprintf(`{"Type":"container","Action":%q,"Actor":{"ID":"c0ffee","Attributes":{"name":"web","signal":%q,"exitCode":"",`+
			`"execID":""}},"timeNano":%d}`, action, signal, nano) + "\n"
	}
	h, err := parseHistory([]byte(line("start", "", 5) + line("kill", "23", 3) + "\n" +
		`{"Type":"container","Action":"prune","Actor":{"ID":"","Attributes":{}},"timeNano":4}` + "\n" +
		`{"Type":"network","Action":"connect","Actor":{"ID":"beef","Attributes":{}},"timeNano":4}` + "\n" + line("kill", "9", 6)))
	kills := h.Kills()
	if err != nil || h.Events != 5 || !h.Oldest.Equal(time.Unix(0, 3)) || len(h.Containers) != 3 || len(kills) != 2 || kills[1].Signal != "9" {
		t.Errorf("%+v, %v", h, err)
	}
	if h.Complete(time.Unix(0, 2)) || !h.Complete(time.Unix(0, 3)) {
		t.Error("what it has begins with its oldest event")
	}
	if none, err := parseHistory(nil); err != nil || none.Events != 0 || none.Complete(time.Now()) {
		t.Errorf("%+v, %v", none, err)
	}
	if _, err := parseHistory([]byte("junk\n")); err == nil {
		t.Error("junk is no event")
	}
}
