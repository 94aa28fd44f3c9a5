package action

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs/proc"
)

// A shim that cannot be watched is worth a warning, unless the container has ended.
func TestLogShim(t *testing.T) {
	for err, want := range map[error]string{
		errors.New("its parent is no shim"):             `"level":"warn"`,
		fmt.Errorf("finding it: %w", proc.ErrNoProcess): `"level":"debug"`,
	} {
		var out bytes.Buffer
		logShim(zerolog.New(&out), "web", err)
		if !strings.Contains(out.String(), want) || !strings.Contains(out.String(), `"container":"web"`) {
			t.Errorf("%v: %s", err, &out)
		}
	}
}
