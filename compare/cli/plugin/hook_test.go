package plugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
)

// TestHook checks what is answered after a command of docker. The calls are those of client 28.2.2.
func TestHook(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"stop":              {`{"RootCmd":"stop","Flags":{"time":""},"CommandError":""}`, "How it ended: docker haltscope why {{arg . 0}}"},
		"container stop":    {`{"RootCmd":"container stop","Flags":{}}`, "How it ended: docker haltscope why {{arg . 0}}"},
		"no such container": {`{"RootCmd":"stop","CommandError":"Error response from daemon: No such container: web"}`, ""},
		"kill":              {`{"RootCmd":"kill","Flags":{},"CommandError":""}`, "How it ended: docker haltscope why {{arg . 0}}"},
		"kill -s HUP":       {`{"RootCmd":"kill","Flags":{"signal":""},"CommandError":""}`, ""},
		"a run that failed": {`{"RootCmd":"run","Flags":{"name":"","rm":"true"},"CommandError":"docker: Error"}`,
			`How it ended: docker haltscope why {{flag . "name"}}`},
		"without a name":      {`{"RootCmd":"run","CommandError":"docker: Error"}`, "How it ended: docker haltscope why --since 1m"},
		"a run that did not":  {`{"RootCmd":"run","Flags":{"name":""},"CommandError":""}`, ""},
		"of no container":     {`{"RootCmd":"image ls"}`, ""},
		"of a newer docker":   {`{"RootCmd":"stop","Since":"30","Args":["web"]}`, "How it ended: docker haltscope why {{arg . 0}}"},
		"all that docker has": {`{"RootCmd":"container"}`, ""},
	} {
		var out bytes.Buffer
		err := Hook(&out, c.data)
		if c.want == "" {
			if !errors.Is(err, ErrNoHint) || out.Len() > 0 {
				t.Errorf("%s: %v, %s", name, err, out.String())
			}
			continue
		}
		var answer struct {
			Type     *int
			Template string
		}
		if jsonErr := json.Unmarshal(out.Bytes(), &answer); err != nil || jsonErr != nil || answer.Type == nil || *answer.Type != 0 ||
			answer.Template != c.want {
			t.Errorf("%s: %v, %v, %s", name, err, jsonErr, out.String())
		}
	}
	if err := Hook(&bytes.Buffer{}, "{"); err == nil || errors.Is(err, ErrNoHint) {
		t.Errorf("not JSON: %v", err)
	}
}
