package dockercli

import (
	"context"
	"strings"
	"testing"
	"time"
)

// Engines may send an event twice, and hang up at any time.
func TestEventLog(t *testing.T) {
	line := func(action, nano string) string {
		return `echo '{"Action":"` + action + `","Actor":{"ID":"ab"},"timeNano":` + nano + `}'` + "\n"
	}
	script := line("kill", "1") + line("kill", "1") + line("die", "2") + line("start", "9")
	e, err := fake(t, script).LogEvents(context.Background(), time.Now(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	saw := e.Await(context.Background(), "ab", time.Unix(0, 2), func(events []Event) bool { return len(events) == 2 })
	if !saw || len(e.Since("ab", time.Time{})) != 3 || len(e.Since("cd", time.Time{})) != 0 {
		t.Errorf("%+v", e.Since("ab", time.Time{}))
	}
	// It has ended: nothing more will come.
	if e.Await(context.Background(), "ab", time.Time{}, func(events []Event) bool { return len(events) == 99 }) {
		t.Error("events from nowhere")
	}
	if err := e.Close(); err == nil || !strings.Contains(err.Error(), "docker events ended") {
		t.Errorf("%v", err)
	}
	e, err = fake(t, "exec sleep 60").LogEvents(context.Background(), time.Now(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Errorf("closed as asked: %v", err)
	}
}

// Labels can make an event a few megabytes long. Such an event is read, and so are those after it.
func TestEventLogLongLine(t *testing.T) {
	e, err := fake(t, `printf '{"Action":"kill","Actor":{"ID":"ab","Attributes":{"label":"'
head -c 3000000 /dev/zero | tr '\0' x
echo '"}},"timeNano":1}'
echo '{"Action":"die","Actor":{"ID":"ab"},"timeNano":2}'
exec sleep 60`).LogEvents(context.Background(), time.Now(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if !e.Await(context.Background(), "ab", time.Time{}, func(events []Event) bool { return len(events) == 2 }) {
		t.Errorf("%d events, %v", len(e.Since("ab", time.Time{})), e.Err())
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}
