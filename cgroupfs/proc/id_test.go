package proc

import (
	"errors"
	"os"
	"testing"
)

func TestCheckID(t *testing.T) {
	self, err := ReadStat(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		id   ID
		want error
	}{
		"the same process": {self.ID(), nil},
		"a later process":  {ID{self.PID, self.StartTime - 1}, ErrNoProcess},
		"no process":       {ID{1 << 30, 1}, ErrNoProcess},
	} {
		if err := c.id.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
