package acceptance

import (
	"fmt"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// hasCompose reports whether docker compose is installed, in a version that knows pre_stop hooks.
var hasCompose = sync.OnceValue(func() bool {
	out, err := dockerCmd("compose", "version", "--short").Output()
	var major, minor int
	fmt.Sscanf(strings.TrimPrefix(string(out), "v"), "%d.%d", &major, &minor)
	return err == nil && (major > 2 || major == 2 && minor >= 30)
})

// projectCmd implements project NAME: the containers of a compose project are removed when the story ends.
func projectCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: project NAME")
	}
	ts.Defer(func() {
		out, err := dockerCmd("ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project="+args[0]).Output()
		if ids := strings.Fields(string(out)); err == nil && len(ids) > 0 {
			dockerCmd(append([]string{"rm", "--force"}, ids...)...).Run()
		}
	})
}
