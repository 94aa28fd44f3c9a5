package report

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// groups are the parts of a ledger, in the order of a bar.
var groups = []struct {
	group string
	ink   ink
	name  string
}{
	{"anon", inkAnon, "anonymous"}, {"shmem", inkShmem, "shared memory, tmpfs"}, {"file", inkFile, "page cache"},
	{"kernel", inkKernel, "kernel"}, {"sock", inkSock, "sockets"}, {"hugetlb", inkHuge, "huge pages (hugetlb)"}, {"unattributed", inkOther, "unattributed"},
}

// bar is a ledger at one moment: the bytes of each group, or why there are none.
type bar struct {
	name   string
	parts  []float64 // as groups
	absent string
}

func (b bar) sum() (all float64) {
	for _, v := range b.parts {
		all += v
	}
	return all
}

// newBar sums up a ledger by groups. What is below 0, as unattributed may be, has no length.
func newBar(name string, of func(group string) Maybe[int64]) bar {
	b := bar{name: name, parts: make([]float64, len(groups))}
	for i, g := range groups {
		if v, ok := of(g.group).Get(); ok {
			b.parts[i] = max(0, float64(v))
		} else if reason := of(g.group).Reason(); reason == Vanished || reason == Failed || reason == Denied {
			b.absent = why(of(g.group))
		}
	}
	if b.sum() > 0 {
		b.absent = ""
	} else if b.absent == "" {
		b.absent = "nothing"
	}
	return b
}

// ledgerBars are those of each run: before the command, and at the end.
func (c *Compare) ledgerBars() (all []bar) {
	for _, arm := range c.Arms {
		r, name := arm.lead()[0], arm.words()
		for _, side := range []struct {
			when string
			of   func(LedgerRow) Maybe[int64]
		}{{"before", func(l LedgerRow) Maybe[int64] { return l.BeforeBytes }}, {"after", func(l LedgerRow) Maybe[int64] { return l.Bytes }}} {
			all = append(all, newBar(name+", "+side.when, func(group string) Maybe[int64] { return sumGroup(r.Memory.Ledger, group, side.of) }))
		}
	}
	return all
}

// stackedBars draws ledgers as bars, the first at the top.
func stackedBars(bars []bar) func(vg.Length) *vgsvg.Canvas {
	return func(width vg.Length) *vgsvg.Canvas {
		const each, thick = 26, 16
		most, names, ends := 1.0, make([]string, len(bars)), plotter.XYLabels{}
		for i, b := range bars {
			most = max(most, b.sum())
			y := len(bars) - 1 - i
			names[y] = fitting(b.name, letters(inkText), width*0.32)
			ends.XYs = append(ends.XYs, plotter.XY{X: b.sum(), Y: float64(y)})
			label := b.absent
			if label == "" {
				label = Bytes(b.sum())
			}
			ends.Labels = append(ends.Labels, fitting(label, letters(inkText), width*0.22))
		}
		p := newPlot(0, most, float64(len(bars))-0.5)
		p.Y.Min = -0.5
		var last *plotter.BarChart
		for g, group := range groups {
			values := make(plotter.Values, len(bars))
			for i, b := range bars {
				values[len(bars)-1-i] = b.parts[g]
			}
			chart, err := plotter.NewBarChart(values, thick)
			if err != nil {
				continue // a figure that is no number
			}
			chart.Horizontal, chart.Color, chart.LineStyle = true, group.ink, draw.LineStyle{}
			if last != nil {
				chart.StackOn(last)
			}
			last = chart
			p.Add(chart)
		}
		if labels, err := plotter.NewLabels(ends); err == nil {
			for i := range labels.TextStyle {
				labels.TextStyle[i] = letters(inkText)
				labels.TextStyle[i].YAlign = text.YCenter
			}
			labels.Offset.X = 5
			p.Add(labels)
		}
		p.NominalY(names...)
		p.Y.Tick.Label.Color = inkText
		p.X.Min, p.X.Max = 0, most
		p.X.Tick.Marker = plot.ConstantTicks(nil)
		p.X.LineStyle.Width = 0
		p.Y.Min, p.Y.Max = -0.5, float64(len(bars))-0.5
		svg, c := canvas(width, vg.Length(each*len(bars))+4)
		p.Draw(draw.Crop(c, 0, -8, 0, 0))
		return svg
	}
}
