package dockercli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTopRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, read func(string) []byte) {
		top, err := parseTop(read("top.txt"))
		if err != nil || len(top.Processes) < 2 || !cmp.Equal(top.Titles, strings.Fields("UID PID PPID C STIME TTY TIME CMD")) {
			t.Fatalf("%+v, %v", top, err)
		}
		if last := top.Processes[0][7]; !strings.HasPrefix(last, "nginx: master process nginx -g daemon off;") {
			t.Errorf("command %q", last)
		}
	})
}

func TestParseTop(t *testing.T) {
	for _, text := range []string{"", "\n", "PID CMD\n1\n"} {
		if _, err := parseTop([]byte(text)); err == nil {
			t.Errorf("%q was understood", text)
		}
	}
	top, err := parseTop([]byte("PID CMD\n1 a\x1b[31m b\n"))
	if err != nil || !cmp.Equal(top.Processes, [][]string{{"1", "a␛[31m b"}}) {
		t.Errorf("%+v, %v", top, err)
	}
}
