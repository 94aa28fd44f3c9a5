package figure_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

// Absent, zero, "max", failed and vanished are five different values.
func TestParse(t *testing.T) {
	for text, want := range map[string]figure.Figure{
		"0\n":                    figure.Number(0),
		"18446744073709551615\n": figure.Number(1<<64 - 1),
		"max\n":                  figure.Without(figure.Max),
		"18446744073709551616\n": figure.Without(figure.Failed),
		"-1\n":                   figure.Without(figure.Failed),
		"":                       figure.Without(figure.Failed),
	} {
		if got := figure.Parse([]byte(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestStateOf(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		path string
		err  error
		want figure.State
	}{
		{dir, nil, figure.Present},
		{dir, unix.ENODEV, figure.Vanished},
		{dir, unix.ESRCH, figure.Vanished},
		{dir, unix.EACCES, figure.Denied},
		{dir, unix.EPERM, figure.Denied},
		{dir, unix.EOPNOTSUPP, figure.Unsupported},
		{dir, unix.EIO, figure.Failed},
		{filepath.Join(dir, "absent"), os.ErrNotExist, figure.Unsupported},
		{filepath.Join(dir, "gone", "absent"), os.ErrNotExist, figure.Vanished},
	} {
		if got := figure.StateOf(c.path, c.err); got != c.want {
			t.Errorf("%s, %v: %s, want %s", c.path, c.err, got, c.want)
		}
	}
}

func TestArithmetic(t *testing.T) {
	missing, five, seven := figure.Without(figure.Failed), figure.Number(5), figure.Number(7)
	gone := figure.Without(figure.Vanished)
	for name, c := range map[string]struct{ got, want figure.Figure }{
		"minus":                    {seven.Minus(five), figure.Number(2)},
		"minus more than there is": {five.Minus(seven), figure.Number(0)},
		"minus a missing part":     {five.Minus(missing), five},
		"missing, minus":           {missing.Minus(five), missing},
		"plus":                     {five.Plus(seven), figure.Number(12)},
		"plus a missing figure":    {five.Plus(missing), missing},
		"missing, plus":            {missing.Plus(five), missing},
		"divided":                  {seven.DividedBy(2), figure.Number(3)},
		"missing, divided":         {missing.DividedBy(2), missing},
		"grown":                    {seven.Since(five), figure.Number(2)},
		"not grown":                {five.Since(five), figure.Number(0)},
		"fallen":                   {five.Since(seven), figure.Without(figure.Failed)},
		"since a missing figure":   {five.Since(gone), gone},
		"missing, since":           {gone.Since(five), gone},
		"not measured":             {five.Since(figure.Figure{}), figure.Figure{}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", name, c.got, c.want)
		}
	}
}

func TestAllWithout(t *testing.T) {
	type inner struct {
		A, B  figure.Figure
		State figure.State
	}
	type outer struct {
		inner
		Inner inner
		Name  string
		List  []inner
		note  figure.Figure
	}
	got := figure.AllWithout[outer](figure.Vanished)
	gone := figure.Without(figure.Vanished)
	if got.Inner != (inner{gone, gone, figure.Vanished}) || got.note != (figure.Figure{}) || got.List != nil {
		t.Errorf("%+v", got)
	}
	if again := figure.AllWithout[outer](figure.Denied); again.Inner.State != figure.Denied {
		t.Errorf("%+v", again)
	}
	if n := testing.AllocsPerRun(100, func() { figure.AllWithout[inner](figure.Unsupported) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParse(f *testing.F)    { figuretest.Fuzz(f, figure.Parse) }
func FuzzParseKiB(f *testing.F) { figuretest.Fuzz(f, figure.ParseKiB) }
