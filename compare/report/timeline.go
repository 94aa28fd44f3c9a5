package report

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// axes are the same for all timelines of a page, so that they can be compared at sight.
type axes struct{ from, to, memory, cpu float64 }

func (c *Compare) axes() axes {
	var a axes
	a.from, a.to = c.span()
	for _, arm := range c.Arms {
		for _, r := range arm.Runs {
			for _, s := range r.memoryCourse() {
				a.memory = max(a.memory, s.value)
			}
			for _, s := range r.cpuCourse() {
				a.cpu = max(a.cpu, s.value)
			}
		}
	}
	pad := (a.to - a.from) * 0.01
	a.from, a.to = a.from-pad, a.to+pad
	// Up to a labelled step, and never without a height.
	step := nice(max(a.memory, 1), 4, true)
	a.memory = math.Ceil(max(a.memory, 1)/step) * step
	step = nice(max(a.cpu, 1), 3, false)
	a.cpu = math.Ceil(max(a.cpu, 1)/step) * step
	return a
}

// share is one kind of memory in the samples of a run.
type share struct {
	ink  ink
	name string
	of   func(Sample) (float64, bool)
}

// shares are drawn one upon the other, in this order. What they do not tell of is the rest of what is charged.
var shares = []share{
	{inkAnon, "anonymous", func(s Sample) (float64, bool) { return float(s.AnonBytes) }},
	{inkShmem, "shared memory, tmpfs", func(s Sample) (float64, bool) { return float(s.ShmemBytes) }},
	{inkFile, "page cache", func(s Sample) (float64, bool) {
		file, ok := float(s.FileBytes)
		shmem, _ := float(s.ShmemBytes)
		return max(0, file-shmem), ok
	}},
	{inkKernel, "kernel", func(s Sample) (float64, bool) { return float(s.KernelBytes) }},
}

// timeline draws a run: what happened, the freezer, memory by kind, and CPU.
func (r Run) timeline(a axes) func(vg.Length) *vgsvg.Canvas {
	return func(width vg.Length) *vgsvg.Canvas {
		memory, cpu := r.memoryPlot(a), r.cpuPlot(a)
		steps := 8
		if width < wideChart {
			steps = 5
		}
		cpu.X.Tick.Marker = ticks(a.from, a.to, nice(a.to-a.from, steps, false), seconds)
		cpu.X.Label.Text = "seconds since the command began"
		cpu.X.Label.Padding = 4
		left, right := vg.Length(0), vg.Length(8)
		_, scratch := canvas(width, 300)
		for _, p := range []*plot.Plot{memory, cpu} {
			d := p.DataCanvas(scratch)
			left, right = max(left, d.Min.X), max(right, scratch.Max.X-d.Max.X)
		}
		at := func(ms float64) vg.Length {
			return left + vg.Length((ms-a.from)/(a.to-a.from))*(width-left-right)
		}
		marks, lanes := r.lanes(at, width)
		const laneHeight, band, title, memoryHeight, cpuHeight = 16, 18, 22, 140, 112
		top := vg.Length(lanes)*laneHeight + 4
		height := top + band + title + memoryHeight + title + cpuHeight
		svg, c := canvas(width, height)
		y := height - top - band
		r.band(c, at, y, band, marks)
		y -= title
		heading := letters(inkText)
		c.FillText(heading, vg.Point{X: left, Y: y + 5}, "memory")
		lay(memory, c, y-memoryHeight, y, left, right)
		y -= memoryHeight + title
		c.FillText(heading, vg.Point{X: left, Y: y + 5}, "CPU, % of one core")
		lay(cpu, c, y-cpuHeight, y, left, right)
		foot := cpu.DataCanvas(draw.Crop(c, 0, 0, 0, y-height)).Min.Y
		drawMarks(c, marks, height, foot, laneHeight, lanes)
		return svg
	}
}

// lay draws a plot between two heights, its data between left and right.
func lay(p *plot.Plot, c draw.Canvas, bottom, top, left, right vg.Length) {
	part := draw.Crop(c, 0, 0, bottom-c.Min.Y, top-c.Max.Y)
	d := p.DataCanvas(part)
	p.Draw(draw.Crop(part, left-(d.Min.X-part.Min.X), (part.Max.X-d.Max.X)-right, 0, 0))
}

func seconds(ms float64) string {
	return strings.Replace(fmt.Sprintf("%g", math.Round(ms)/1000), "-", "−", 1)
}

func (r Run) memoryPlot(a axes) *plot.Plot {
	p := newPlot(a.from, a.to, a.memory)
	p.HideX()
	p.Y.Tick.Marker = ticks(0, a.memory, nice(a.memory, 4, true), func(v float64) string { return Bytes(v) })
	grids(p)
	// All that is charged first, and over it the sums of ever fewer kinds: of each, a stripe stays in sight.
	for n := len(shares) + 1; n > 0; n-- {
		fill := inkOther
		if n <= len(shares) {
			fill = shares[n-1].ink
		}
		for _, points := range r.stacked(n) {
			area(p, points, fill)
		}
	}
	return p
}

// stacked are the sums of the first n shares over time, parted where a sample has none. Beyond the last of them it is
// all that is charged.
func (r Run) stacked(n int) (all []plotter.XYs) {
	var part plotter.XYs
	for _, s := range r.Samples {
		total, ok := float(s.MemoryBytes)
		if !ok {
			if len(part) > 0 {
				all, part = append(all, part), nil
			}
			continue
		}
		sum := total
		if n <= len(shares) {
			sum = 0
			for _, one := range shares[:n] {
				v, _ := one.of(s)
				sum += v
			}
		}
		part = append(part, plotter.XY{X: s.AtMs, Y: min(sum, total)})
	}
	if len(part) > 0 {
		all = append(all, part)
	}
	return all
}

// area fills what is below some points; a single one is a dot.
func area(p *plot.Plot, points plotter.XYs, fill ink) {
	if len(points) == 1 {
		if dot, err := plotter.NewScatter(points); err == nil {
			dot.GlyphStyle = draw.GlyphStyle{Color: fill, Radius: 3, Shape: draw.CircleGlyph{}}
			p.Add(dot)
		}
		return
	}
	line, err := plotter.NewLine(points)
	if err != nil {
		return // no points, or one that is no number: there is nothing to draw
	}
	line.FillColor = fill
	line.LineStyle = draw.LineStyle{}
	p.Add(line)
}

func (r Run) cpuPlot(a axes) *plot.Plot {
	p := newPlot(a.from, a.to, a.cpu)
	p.Y.Tick.Marker = ticks(0, a.cpu, nice(a.cpu, 3, false), func(v float64) string { return fmt.Sprintf("%g", v) })
	grids(p)
	var points plotter.XYs
	flush := func() {
		if line, err := plotter.NewLine(points); err == nil && len(points) > 1 {
			line.LineStyle = stroke(inkCPU, 2)
			p.Add(line)
		}
		points = nil
	}
	for _, s := range r.cpuCourse() {
		if n := len(points); n > 0 && points[n-1].X != s.from {
			flush()
		}
		points = append(points, plotter.XY{X: s.from, Y: s.value}, plotter.XY{X: s.to, Y: s.value})
	}
	flush()
	return p
}

// lifeEvents are those of the action, and those of bringing the twin back.
func (r Run) lifeEvents() []Event {
	return append(append([]Event{}, r.Events...), r.Resume.Events...)
}

// period is a length of time for which the freezer said the same.
type period struct {
	from, to float64
	name     string
	fill     ink
	on       ink
}

func (r Run) periods(end float64) (all []period) {
	for i, s := range r.Samples {
		frozen, ok := s.Frozen.Get()
		p := period{s.AtMs, s.AtMs, "running", inkRunning, inkText}
		if frozen {
			p.name, p.fill, p.on = "frozen", inkFrozen, inkOnFrozen
		}
		if i+1 < len(r.Samples) {
			p.to = r.Samples[i+1].AtMs
		}
		n := len(all)
		switch {
		case !ok:
		case n > 0 && all[n-1].name == p.name && all[n-1].to == p.from:
			all[n-1].to = p.to
		default:
			all = append(all, p)
		}
	}
	if !r.Cgroup.Exists && r.Cgroup.Freezer.Frozen.Reason() == Vanished {
		from, known := r.Timing.EffectMs.Get()
		if n := len(all); n > 0 && (!known || from < all[n-1].to) {
			from = all[n-1].to
		}
		to := end
		for _, e := range r.Resume.Events {
			to = min(to, e.AtMs)
		}
		if to > from {
			all = append(all, period{from, to, "gone", inkPage, inkMuted})
		}
	}
	return all
}

// band draws the freezer's periods.
func (r Run) band(c draw.Canvas, at func(float64) vg.Length, bottom, height vg.Length, marks []mark) {
	for _, p := range r.periods(r.lastEvent()) {
		x0, x1 := at(p.from), max(at(p.to), at(p.from)+2)
		y0, y1 := bottom+2, bottom+height-2
		corners := []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
		c.FillPolygon(p.fill, corners)
		if p.fill == inkPage {
			c.StrokeLines(draw.LineStyle{Color: inkMuted, Width: 1, Dashes: []vg.Length{3, 3}}, append(corners, corners[0]))
		}
		style := letters(p.on)
		style.YAlign = text.YCenter
		from, w := x0+6, style.Width(p.name)
		for _, m := range marks { // their lines go through the band
			if m.x > from-4 && m.x < from+w+4 {
				from = m.x + 5
			}
		}
		if from+w+6 < x1 {
			c.FillText(style, vg.Point{X: from, Y: (y0+y1)/2 + 2}, p.name)
		}
	}
}

func (r Run) lastEvent() float64 {
	end := 0.0
	for _, s := range r.Samples {
		end = max(end, s.AtMs)
	}
	for _, e := range r.lifeEvents() {
		end = max(end, e.AtMs)
	}
	return end
}
