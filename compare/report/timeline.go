package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// axes are the axes of all timelines of a page.
type axes struct{ from, to, memory, cpu float64 }

func compareAxes(c *document.Compare) axes {
	var a axes
	a.from, a.to = timeSpan(c)
	for i := range c.Arms {
		for n := range c.Arms[i].Runs {
			r := &c.Arms[i].Runs[n]
			for _, s := range memorySeries(r) {
				a.memory = max(a.memory, s.value)
			}
			for _, s := range cpuSeries(r) {
				a.cpu = max(a.cpu, s.value)
			}
		}
	}
	pad := (a.to - a.from) * 0.01
	a.from, a.to = a.from-pad, a.to+pad
	// Up to a labeled step, and never without a height.
	step := niceStep(max(a.memory, 1), 4, true)
	a.memory = math.Ceil(max(a.memory, 1)/step) * step
	step = niceStep(max(a.cpu, 1), 3, false)
	a.cpu = math.Ceil(max(a.cpu, 1)/step) * step
	return a
}

// share is a kind of memory in the samples of a run.
type share struct {
	ink  ink
	name string
	of   func(document.Sample) (float64, bool)
}

// shares are stacked in this order. The rest of the charged memory is "other".
var shares = []share{
	{inkAnon, "anonymous", func(s document.Sample) (float64, bool) { return document.Float(s.AnonBytes) }},
	{inkShmem, "shared memory, tmpfs", func(s document.Sample) (float64, bool) { return document.Float(s.ShmemBytes) }},
	{inkFile, "page cache", func(s document.Sample) (float64, bool) {
		file, ok := document.Float(s.FileBytes)
		if shmem, known := document.Float(s.ShmemBytes); known {
			file = max(0, file-shmem)
		}
		return file, ok
	}},
	{inkKernel, "kernel", func(s document.Sample) (float64, bool) { return document.Float(s.KernelBytes) }},
}

// strip is a run in a picture, with its title.
type strip struct {
	title string
	ink   ink // of the title
	run   *document.Run
}

// The heights of the parts of a strip, and of the time axis below all strips.
const (
	titleHeight  = 18
	bandHeight   = 16
	memoryHeight = 40
	partGap      = 12
	cpuHeight    = 18
	stripGap     = 8
	axisHeight   = 34
)

// timelines draws runs below each other on one time axis: of each its events, the freezer, memory by kind, and CPU use.
func timelines(strips []strip, a axes) func(float64) *drawing {
	return func(width float64) *drawing {
		steps := 8
		if width < wideChart {
			steps = 5
		}
		memory := []tick{{0, "0"}, {a.memory, value.Bytes(a.memory)}}
		cpu := []tick{{0, "0"}, {a.cpu, fmt.Sprintf("%g %%", a.cpu)}}
		time := ticks(a.from, a.to, max(1, niceStep(a.to-a.from, steps, false)), seconds)
		f := frame{left: max(widest(memory), widest(cpu)) + labelGap, right: width - max(8, widest(time)/2), from: a.from, to: a.to}
		d := &drawing{}
		for _, s := range strips {
			d.words(0, d.Height+13, startsAt, s.ink, shorten(s.title, width))
			labels := eventLabels(s.run, f, width)
			band := d.Height + titleHeight + labelHeight
			f.top = band + bandHeight + 2
			f.bottom, f.most = f.top+memoryHeight, a.memory
			foot := f.bottom + partGap + cpuHeight
			for _, t := range time {
				d.line(f.x(t.value), f.top, f.x(t.value), foot, inkGrid.stroke(""))
			}
			d.levels(f, memory)
			d.memoryAreas(f, s.run)
			f.top = f.bottom + partGap
			f.bottom, f.most = foot, a.cpu
			d.levels(f, cpu)
			for _, points := range cpuLines(s.run) {
				xs, ys := f.place(points)
				d.path("polyline", xs, ys, inkCPU.stroke(";stroke-width:2"))
			}
			d.freezerBand(freezerPeriods(s.run), f, band, labels)
			d.eventLines(labels, band, foot)
			d.Height = foot + stripGap
		}
		for _, t := range time {
			d.words(f.x(t.value), d.Height+2, centered, inkMuted, t.label)
		}
		d.words((f.left+f.right)/2, d.Height+18, centered, inkMuted, "seconds since the command began")
		d.Height += axisHeight - stripGap
		return d
	}
}

func seconds(ms float64) string {
	return strings.Replace(strconv.FormatFloat(math.Round(ms)/1000, 'f', -1, 64), "-", "−", 1)
}

// memoryAreas draws all charged memory first, and over it the sums of ever fewer kinds, so that a stripe of each stays
// visible.
func (d *drawing) memoryAreas(f frame, r *document.Run) {
	for n := len(shares) + 1; n > 0; n-- {
		fill := inkOther
		if n <= len(shares) {
			fill = shares[n-1].ink
		}
		for _, points := range stackedMemory(r, n) {
			d.area(f, points, fill)
		}
	}
}

// stackedMemory returns the sum of the first n shares over time, with a gap where there are no samples, or a sample has none. Past the
// last share it returns all charged memory.
func stackedMemory(r *document.Run, n int) (all [][]point) {
	for _, samples := range stretches(r) {
		var part []point
		for _, s := range samples {
			total, ok := document.Float(s.MemoryBytes)
			if !ok {
				all, part = append(all, part), nil
				continue
			}
			part = append(part, point{s.AtMs, min(firstShares(s, n, total), total)})
		}
		all = append(all, part)
	}
	return slices.DeleteFunc(all, func(part []point) bool { return len(part) == 0 })
}

// firstShares returns the sum of the first n shares of a sample, or its total past the last share.
func firstShares(s document.Sample, n int, total float64) (sum float64) {
	if n > len(shares) {
		return total
	}
	for _, one := range shares[:n] {
		if v, ok := one.of(s); ok { // an unknown share is part of the rest
			sum += v
		}
	}
	return sum
}

// cpuLines returns the steps of CPU use, with a gap where it is not known.
func cpuLines(r *document.Run) (all [][]point) {
	for _, s := range cpuSeries(r) {
		if n := len(all) - 1; n < 0 || all[n][len(all[n])-1].at != s.from {
			all = append(all, nil)
		}
		n := len(all) - 1
		all[n] = append(all[n], point{s.from, s.value}, point{s.to, s.value})
	}
	return all
}
