package dockercli

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestEachLine(t *testing.T) {
	type line struct {
		text   string
		length int
	}
	const bound = 100_000 // more than the reader's buffer
	at, over := strings.Repeat("a", bound), strings.Repeat("b", 3*bound)
	for _, c := range []struct {
		in   string
		want []line
	}{
		{"", nil},
		{"\n", []line{{"", 0}}},
		{"one\n\ntwo", []line{{"one", 3}, {"", 0}, {"two", 3}}},
		{at + "\nshort\n", []line{{at, bound}, {"short", 5}}},
		{"x\n" + over + "\n" + over + "\ny\n", []line{{"x", 1}, {over[:bound], 3 * bound}, {over[:bound], 3 * bound}, {"y", 1}}},
		{strings.Repeat("c", 64<<10) + "\nd", []line{{strings.Repeat("c", 64<<10), 64 << 10}, {"d", 1}}},
		{over, []line{{over[:bound], 3 * bound}}},
	} {
		var got []line
		err := eachLine(strings.NewReader(c.in), bound, func(text []byte, length int) error {
			got = append(got, line{string(text), length})
			return nil
		})
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%.20q, %d bytes: %d lines, wanted %d; %v", c.in, len(c.in), len(got), len(c.want), err)
		}
	}
	enough := errors.New("enough")
	if err := eachLine(strings.NewReader("a\nb\n"), 10, func(text []byte, _ int) error { return enough }); !errors.Is(err, enough) {
		t.Error(err)
	}
	if err := eachLine(iotest.ErrReader(enough), 10, func([]byte, int) error { return nil }); !errors.Is(err, enough) {
		t.Error(err)
	}
}
