package output

import (
	"bytes"
	"testing"
)

// TestLogWriter checks that the strings of a log line are cleaned, and that the rest stays.
func TestLogWriter(t *testing.T) {
	for line, want := range map[string]string{
		`{"level":"info","n":1.5,"a":[null,true],"message":"plain"}` +
			"\n": `{"level":"info","n":1.5,"a":[null,true],"message":"plain"}` + "\n",
		`{"message":"a\u001b[31m\nnext\u009b\\n\"q\" <b>","docker":["x\r"],"é":"` + "\u202e" +
			`"}`: `{"message":"a␛[31m␊next<U+009B>\\n\"q\" <b>","docker":["x␍"],"é":"<U+202E>"}`,
		`{"message":"` + "\u009b" + `"`: `{"message":"<U+009B>"`,
	} {
		var out bytes.Buffer
		if n, err := LogWriter(&out).Write([]byte(line)); n != len(line) || err != nil || out.String() != want {
			t.Errorf("%q\n%q, wanted\n%q (%d, %v)", line, out.String(), want, n, err)
		}
	}
}
