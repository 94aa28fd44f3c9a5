package report

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// drawn returns the SVG element of a drawing.
func drawn(t *testing.T, d *drawing) string {
	t.Helper()
	var b strings.Builder
	if err := pageTemplate().ExecuteTemplate(&b, "drawing", d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// shapesOf returns the shapes of a drawing, as an XML parser reads them.
func shapesOf(t *testing.T, d *drawing) (all []xml.StartElement) {
	t.Helper()
	in := xml.NewDecoder(strings.NewReader(drawn(t, d)))
	for {
		token, err := in.Token()
		if token == nil {
			if len(all) == 0 || !errors.Is(err, io.EOF) {
				t.Fatalf("%d shapes: %v", len(all), err)
			}
			return all
		}
		start, ok := token.(xml.StartElement)
		if name := start.Name.Local; !ok || name == "svg" || name == "title" || name == "desc" {
			continue
		}
		for _, a := range start.Attr {
			if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") || strings.Contains(a.Value, "Zgotmpl") {
				t.Errorf("%s %s=%q", start.Name.Local, a.Name.Local, a.Value)
			}
		}
		all = append(all, start.Copy())
	}
}

func at(ms float64) document.Sample {
	return document.Sample{AtMs: ms, MemoryBytes: value.Known[uint64](1 << 20), CPUUsageUsec: value.Known[uint64](uint64(math.Abs(ms)))}
}

// TestTimelineOfOddTimes checks that a time axis that is a point, or longer than any run, is drawn and has few labels.
func TestTimelineOfOddTimes(t *testing.T) {
	for name, samples := range map[string][]document.Sample{
		"one": {at(0)}, "one, late": {at(1e17)}, "both ends": {at(-1e300), at(1e300)}, "a microsecond": {at(0),
			at(0.001)}, "a millisecond": {at(5), at(6)},
	} {
		t.Run(name, func(t *testing.T) {
			r := document.Run{Samples: samples, Events: []document.Event{{AtMs: samples[0].AtMs, Action: "pause"}}}
			c := &document.Compare{Arms: []document.Arm{{Runs: []document.Run{r}}}}
			for _, width := range []float64{wideChart, narrowChart} {
				words := 0
				for _, e := range shapesOf(t, timelines([]strip{{"run", inkText, &r}}, compareAxes(c))(width)) {
					if e.Name.Local == "text" {
						words++
					}
				}
				if words < 4 || words > 40 {
					t.Errorf("%d words", words)
				}
			}
		})
	}
}

func TestTicks(t *testing.T) {
	text := func(v float64) string { return seconds(v) }
	for _, c := range []struct {
		from, to, step float64
		want           string
	}{
		{-2010, 5300, 1000, "−2 −1 0 1 2 3 4 5"},
		{0, 1, 1, "0 0.001"},
		{100, 900, 1000, ""},
		{0, 3000, 1000, "0 1 2 3"},
		{-500, 500, 500, "−0.5 0 0.5"},
	} {
		var labels []string
		for _, t := range ticks(c.from, c.to, c.step, text) {
			labels = append(labels, t.label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("from %v to %v by %v: %s, wanted %s", c.from, c.to, c.step, got, c.want)
		}
	}
}

// TestBarsKeepSuffix checks that a long name is cut, and its suffix is not.
func TestBarsKeepSuffix(t *testing.T) {
	rows := []document.LedgerRow{{Group: "anon", Bytes: value.Known[int64](1 << 20)}}
	long := strings.Repeat("kill SIGRTMIN+1 ", 5)
	d := stackedBars([]bar{newBar(long, ", before", rows, afterBytes), newBar(long, ", after", rows, afterBytes)})(narrowChart)
	for _, want := range []string{"…, before<", "…, after<"} {
		if svg := drawn(t, d); !strings.Contains(svg, want) {
			t.Errorf("no %s in %s", want, svg)
		}
	}
	shapesOf(t, d)
}
