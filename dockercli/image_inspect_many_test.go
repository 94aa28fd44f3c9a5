package dockercli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// imagesScript is a docker that knows all images but gone. Its first argument is a file that gets a line for each call.
const imagesScript = `calls=$1
shift
echo "$@" >> $calls
[ "$1 $2" = "image inspect" ] || exit 0
while [ "$1" != -- ]; do shift; done
shift
all= rc=0
for name; do
  case $name in
    gone) rc=1;;
    *) all="$all,{\"Id\":\"$name\",\"Config\":{\"StopSignal\":\"SIG-$name\"}}";;
  esac
done
echo "[${all#,}]"
exit $rc`

// TestImageInspectMany checks that one call is enough unless an image is missing, and that one that is missing does not affect the others.
func TestImageInspectMany(t *testing.T) {
	docker := fake(t, imagesScript)
	for name, c := range map[string]struct {
		ask   string
		calls int
	}{
		"none":    {"", 0},
		"one":     {"a", 1},
		"several": {"b a c", 1},
		"missing": {"a gone c", 5}, // for all, for each, and the list of the images
	} {
		t.Run(name, func(t *testing.T) {
			calls := filepath.Join(t.TempDir(), "calls")
			docker.Flags = []string{calls}
			refs := strings.Fields(c.ask)
			all := docker.ImageInspectMany(context.Background(), refs...)
			if len(all) != len(refs) {
				t.Errorf("%d answers", len(all))
			}
			for _, ref := range refs {
				a := all[ref]
				if missing := ref == "gone"; missing != errors.Is(a.Err, ErrNotFound) || !missing && a.Image.Config.StopSignal != "SIG-"+ref {
					t.Errorf("%s: %+v", ref, a)
				}
			}
			data, err := os.ReadFile(calls)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			if n := strings.Count(string(data), "\n"); n != c.calls {
				t.Errorf("%d calls:\n%s", n, data)
			}
		})
	}
}

// TestImageInspectManyHangs checks that a docker that does not answer is asked once, and not once for each image.
func TestImageInspectManyHangs(t *testing.T) {
	docker := fake(t, `echo call >> "$1"; exec sleep 60`)
	calls := filepath.Join(t.TempDir(), "calls")
	docker.Flags, docker.Timeout = []string{calls}, 100*time.Millisecond
	all := docker.ImageInspectMany(context.Background(), "a", "b", "c")
	for _, ref := range []string{"a", "b", "c"} {
		if !errors.Is(all[ref].Err, ErrTimeout) {
			t.Errorf("%s: %+v", ref, all[ref])
		}
	}
	data, err := os.ReadFile(calls)
	if err != nil && !errors.Is(err, os.ErrNotExist) { // it may be given up before it has begun
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "\n"); n > 1 {
		t.Errorf("%d calls", n)
	}
}
