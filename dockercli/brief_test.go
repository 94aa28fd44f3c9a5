package dockercli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// An error shows the beginning and the end of a long standard error, and how much it leaves out.
func TestLongStderr(t *testing.T) {
	client := fake(t, `exec >&2
echo first; head -c 3000000 /dev/zero | tr '\0' x; echo; echo 'Error: no such container: last'; exit 1`)
	_, err := client.Do(context.Background(), "web", Pause{})
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	if len(text) > 3000 || !strings.Contains(text, "first xxx") ||
		!strings.Contains(text, "no such container: last; the command was: ") || !strings.Contains(text, "bytes left out") {
		t.Errorf("%d bytes: %.200s … %s", len(text), text, text[max(0, len(text)-100):])
	}
	var all ends
	for range 1000 {
		all.Write(bytes.Repeat([]byte("x"), 1001))
	}
	if all.omitted != 1_001_000-2*maxEnd || cap(all.tail) > 4*maxEnd || len(all.String()) > 2*maxEnd+100 {
		t.Errorf("%d left out, %d kept", all.omitted, cap(all.tail))
	}
}

// An error and the debug log do not repeat the ids of a thousand containers.
func TestManyArguments(t *testing.T) {
	var ids []string
	for i := range 1000 {
		ids = append(ids, fmt.Sprintf("%064x", i))
	}
	var log bytes.Buffer
	client := fake(t, "echo broken >&2; exit 1")
	client.Log = zerolog.New(&log)
	_, err := client.Inspect(context.Background(), ids...)
	if text := err.Error(); len(text) > 2000 || !strings.Contains(text, ids[0]) ||
		!strings.HasPrefix(text, "inspecting the containers: docker: broken; ") ||
		!strings.HasSuffix(text, "more arguments)") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
	var line struct {
		Docker []string
		More   int `json:"more_arguments"`
	}
	first, _, _ := bytes.Cut(log.Bytes(), []byte("\n"))
	if err := json.Unmarshal(first, &line); err != nil || len(first) > 2000 || len(line.Docker)+line.More != 4+len(ids) {
		t.Errorf("%d arguments and %d more, %v: %.200s", len(line.Docker), line.More, err, log.String())
	}
}
