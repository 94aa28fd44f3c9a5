package document

import (
	"encoding/json"
	"strings"
	"testing"

	"haltscope/compare/value"
)

func TestActorText(t *testing.T) {
	none := value.Absent[string](value.Unsupported, "none")
	gone := value.Absent[string](value.Vanished, "it had ended")
	bash := Actor{PID: 4711, Command: value.Known("bash"), User: value.Known("alice"), LoginUser: value.Known("alice"),
		Session: value.Known("3"), Container: none, Unit: value.Known("session-3.scope")}
	root := bash
	root.User = value.Known("root")
	inside := Actor{PID: 5, Command: value.Known("sh"), User: value.Known("root"), LoginUser: none, Session: none,
		Container: value.Known("updater"), Unit: none}
	unnamed := inside
	unnamed.Container = value.Known(strings.Repeat("0123456789abcdef", 4))
	service := Actor{PID: 6, Command: value.Known("oomd"), User: value.Known("root"), LoginUser: none, Session: none, Container: none,
		Unit: value.Known("oomd.service")}
	kill := Actor{PID: 7, Command: value.Known("kill"), User: gone, LoginUser: gone, Session: gone, Container: gone, Unit: gone,
		Parents: []ActorParent{{PID: 4711, Command: value.Known("bash")}}}
	unknown := Actor{PID: 8, Command: gone, User: gone, LoginUser: gone, Session: gone, Container: gone, Unit: gone}
	failed := value.Absent[string](value.Failed, "permission denied")
	unread := Actor{PID: 9, Command: failed, User: failed, LoginUser: failed, Session: failed, Container: failed, Unit: failed}
	for _, c := range []struct {
		name           string
		actor          Actor
		text, redacted string
	}{
		{"a user's shell", bash, "bash (pid 4711, user alice, session 3) on the host", "a process (pid 4711) on the host"},
		{"sudo", root, "bash (pid 4711, user root, logged in as alice, session 3) on the host", "a process (pid 4711) on the host"},
		{"a container", inside, "sh (pid 5, user root) in container updater", "a process (pid 5) in a container"},
		{"a container without a name", unnamed, "sh (pid 5, user root) in container 0123456789ab", "a process (pid 5) in a container"},
		{"a service", service, "oomd (pid 6, user root) of unit oomd.service", "a process (pid 6) on the host"},
		{"a command", kill, "kill (pid 7), started by bash (pid 4711)", "a process (pid 7)"},
		{"nothing known", unknown, "a process that has ended (pid 8)", "a process (pid 8)"},
		{"not readable", unread, "a process (pid 9)", "a process (pid 9)"},
	} {
		if got := c.actor.Text(true); got != c.text {
			t.Errorf("%s: %q, wanted %q", c.name, got, c.text)
		}
		if got := c.actor.Text(false); got != c.redacted {
			t.Errorf("%s, redacted: %q, wanted %q", c.name, got, c.redacted)
		}
		data, err := json.Marshal(c.actor.Redacted())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"bash", "alice", "updater", "oomd", "kill", "\"sh\""} {
			if strings.Contains(string(data), name) {
				t.Errorf("%s: %s still has %s", c.name, data, name)
			}
		}
	}
}
