package dockercli

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

// A container's log may have lines of any length.
func TestFollowLogsLong(t *testing.T) {
	var got []int
	ended := make(chan error)
	err := fake(t, `head -c 3000000 /dev/zero | tr '\0' x; echo; echo; echo ready`).FollowLogs(context.Background(), "ab", LogOptions{},
		func(line []byte) { got = append(got, len(line)) }, func(err error) { ended <- err })
	if err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil || !slices.Equal(got, []int{maxLogLine, 0, 5}) {
		t.Errorf("lines of %d bytes, %v", got, err)
	}
}

// Both outputs are read, one line at a time, to the end of a last line without a newline.
func TestFollowBothLogs(t *testing.T) {
	var got []string
	ended := make(chan error)
	script := `echo out; head -c 3000000 /dev/zero | tr '\0' x; echo; echo err >&2; printf last >&2; exit 3`
	err := fake(t, script).FollowLogs(context.Background(), "ab", LogOptions{Both: true},
		func(line []byte) { got = append(got, string(line[:min(len(line), 9)])) }, func(err error) { ended <- err })
	if err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !Refused(err) {
		t.Errorf("%v", err)
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"err", "last", "out", "xxxxxxxxx"}) {
		t.Errorf("%q", got)
	}
}

// The last line may be of either output.
func TestLastLogLine(t *testing.T) {
	for script, want := range map[string]string{"echo out": "out", "echo err >&2": "err", "echo 'a\x1b'": "a␛", "": ""} {
		if got, err := fake(t, script).LastLogLine(context.Background(), "ab"); err != nil || got != want {
			t.Errorf("%s: %q, %v", script, got, err)
		}
	}
	got, err := fake(t, "echo no such container >&2; exit 1").LastLogLine(context.Background(), "ab")
	if got != "" || !Refused(err) || !strings.Contains(err.Error(), "no such container") {
		t.Errorf("%q, %v", got, err)
	}
}

func TestLastLogLines(t *testing.T) {
	c := fake(t, `[ "$*" = "logs --tail 3 --until 7.000000005 -- ab" ] && printf 'one\n\ntwo\n' || echo "$*"`)
	got, err := c.LastLogLines(context.Background(), "ab", 3, time.Unix(7, 5))
	if err != nil || !slices.Equal(got, []string{"one", "", "two"}) {
		t.Errorf("%q, %v", got, err)
	}
	got, err = c.LastLogLines(context.Background(), "ab", 2, time.Time{})
	if err != nil || !slices.Equal(got, []string{"logs --tail 2 -- ab"}) {
		t.Errorf("%q, %v", got, err)
	}
}
