package compare

import (
	"errors"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Sets of packages that may be imported together.
const (
	kernel = " cgroupfs cgroupfs/proc cgroupfs/figure cgroupfs/socket cgroupfs/trace "
	basics = " compare/figures compare/fault compare/value "
	rules  = " compare/rules/asker compare/rules/drift compare/rules/expectation compare/rules/grace compare/rules/memory" +
		" compare/rules/past compare/rules/prediction compare/rules/proof compare/rules/verdict "
	facts    = " compare/twin compare/ends compare/target compare/identity compare/host compare/output compare/journal compare/systemd "
	below    = facts + rules + " compare/document " + basics + kernel + " dockercli "
	commands = " compare/experiment compare/check compare/action compare/inspect compare/ps compare/reclaim compare/predict" +
		" compare/watch compare/why compare/doctor compare/clean "
)

// arrows lists the packages of each layer, from the top down, and what of this module they may import.
var arrows = []struct{ packages, may string }{
	{".", "compare/cli"},
	{"compare/cli", "compare/cli/completion compare/cli/manual compare/cli/plugin" + commands +
		"compare/report compare/target compare/output compare/workload compare/experiment/during compare/rules/expectation" +
		" compare/document compare/fault compare/value dockercli"},
	{"compare/cli/completion compare/cli/plugin", ""},
	{"compare/cli/manual compare/workload", "compare/value"},

	// The commands.
	{"compare/check", "compare/experiment" + below},
	{"compare/experiment", "compare/experiment/during compare/action compare/workload" + below},
	{"compare/experiment/during", "cgroupfs/proc compare/value"},
	{"compare/action compare/predict compare/reclaim compare/watch compare/why compare/doctor compare/clean", below},
	{"compare/inspect compare/ps", "compare/why" + below},

	// What the commands share.
	{"compare/target", "compare/twin compare/host" + rules + "compare/document" + basics + kernel + "dockercli"},
	{"compare/ends", "compare/target compare/rules/verdict compare/value" + kernel},
	{"compare/identity", "compare/document" + basics + kernel},
	{"compare/twin", basics + kernel + "dockercli"},
	{"compare/host", "compare/document" + basics + kernel + "dockercli"},
	{"compare/output", "compare/fault compare/value"},
	{"compare/journal", "compare/document compare/fault compare/value"},
	{"compare/systemd", "compare/value cgroupfs"},

	// The rules take the readings of kernel files as they are.
	{"compare/rules/proof", "compare/rules/memory compare/document" + basics + kernel},
	{"compare/rules/drift compare/rules/memory", "compare/document" + basics + kernel},
	{"compare/rules/expectation", "compare/rules/prediction compare/rules/verdict compare/document" + basics},
	{"compare/rules/prediction", "compare/rules/verdict compare/value cgroupfs/proc"},
	{"compare/rules/past", "compare/rules/verdict compare/value"},
	{"compare/rules/asker", ""},
	{"compare/rules/grace compare/rules/verdict", "compare/value"},

	{"compare/report", "compare/document compare/value"},
	{"compare/document", "compare/fault compare/value"},
	{"compare/figures", "compare/value cgroupfs/figure"},
	{"compare compare/fault compare/value", ""},

	// The two sources of facts.
	{"dockercli", "compare/value"},
	{"cgroupfs", "cgroupfs/proc cgroupfs/figure"},
	{"cgroupfs/socket", ""},
	{"cgroupfs/proc cgroupfs/trace cgroupfs/internal/figuretest", "cgroupfs/figure"},
	{"cgroupfs/figure cgroupfs/proc/proctest", ""},

	{"scripts/images.d/habits/go", ""}, // a program in a test image
	{"scripts/servers.d", below},       // it records what real servers do
}

// impure lists what rules must not import: they judge facts, and gather none.
var impure = []string{"context", "net", "os"}

// TestArrows checks that each package imports only what the table above allows.
func TestArrows(t *testing.T) {
	may := map[string][]string{}
	for _, layer := range arrows {
		for _, name := range strings.Fields(layer.packages) {
			may[name] = strings.Fields(layer.may)
		}
	}
	for name, imports := range imported(t) {
		allowed, ok := may[name]
		if !ok {
			t.Errorf("%s is not in the table of this test: add it, and what it may import", name)
			continue
		}
		delete(may, name)
		for _, path := range imports {
			ours, isOurs := strings.CutPrefix(path, "haltscope/")
			if isOurs && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s", name, ours)
			}
			top, _, _ := strings.Cut(path, "/")
			if strings.HasPrefix(name, "compare/rules/") && slices.Contains(impure, top) {
				t.Errorf("%s imports %s: rules must be pure", name, path)
			}
		}
	}
	for name := range may {
		t.Errorf("%s is in the table of this test, but not in the module", name)
	}
}

// imported returns what each package of this module imports, without its tests. The module's root is ".".
// It reads the files itself: `go list` would read them where go test does not see it, and go test would keep an old result.
func imported(t *testing.T) map[string][]string {
	all := map[string][]string{}
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		dir := filepath.Join("..", name)
		base := entry.Name()
		_, statErr := os.Stat(filepath.Join(dir, "go.mod"))
		otherModule := statErr == nil
		if name != "." && (base == "testdata" || base[0] == '.' || base[0] == '_' || otherModule) {
			return fs.SkipDir
		}
		pkg, err := build.ImportDir(dir, 0)
		if noGo := (*build.NoGoError)(nil); errors.As(err, &noGo) {
			return nil
		}
		if err == nil {
			all[name] = pkg.Imports
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
