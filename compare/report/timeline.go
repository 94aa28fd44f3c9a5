package report

import (
	"fmt"
	"math"
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

// The heights of the parts of a timeline.
const (
	bandHeight   = 18
	titleHeight  = 22
	memoryHeight = 140
	cpuHeight    = 78
	axisHeight   = 34
)

// timeline draws a run: its events, the freezer, memory by kind, and CPU use.
func timeline(r *document.Run, a axes) func(float64) *drawing {
	return func(width float64) *drawing {
		steps := 8
		if width < wideChart {
			steps = 5
		}
		memory := ticks(0, a.memory, niceStep(a.memory, 4, true), func(v float64) string { return value.Bytes(v) })
		cpu := ticks(0, a.cpu, niceStep(a.cpu, 3, false), func(v float64) string { return fmt.Sprintf("%g", v) })
		time := ticks(a.from, a.to, max(1, niceStep(a.to-a.from, steps, false)), seconds)
		f := frame{left: max(widest(memory), widest(cpu)) + labelGap, right: width - max(8, widest(time)/2), from: a.from, to: a.to}
		labels, lanes := eventLabels(r, f.x, width)
		top := float64(lanes)*laneHeight + 4
		d := &drawing{Height: top + bandHeight + titleHeight + memoryHeight + titleHeight + cpuHeight + axisHeight}
		d.freezerBand(freezerPeriods(r), f, top, labels)

		f.top = top + bandHeight + titleHeight
		f.bottom, f.most = f.top+memoryHeight, a.memory
		memoryTop := f.top
		d.levels(f, memory)
		d.memoryAreas(f, r)

		f.top = f.bottom + titleHeight
		f.bottom, f.most = f.top+cpuHeight, a.cpu
		d.levels(f, cpu)
		for _, points := range cpuLines(r) {
			xs, ys := f.place(points)
			d.path("polyline", xs, ys, inkCPU.stroke(";stroke-width:2"))
		}
		for _, t := range time {
			d.words(f.x(t.value), f.bottom+14, centered, inkMuted, t.label)
		}
		d.words((f.left+f.right)/2, f.bottom+30, centered, inkMuted, "seconds since the command began")
		d.eventLines(labels, lanes, f.bottom)
		d.heading(f.left, memoryTop-8, "memory")
		d.heading(f.left, f.top-8, "CPU, % of one core")
		return d
	}
}

func seconds(ms float64) string {
	return strings.Replace(fmt.Sprintf("%g", math.Round(ms)/1000), "-", "−", 1)
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

// stackedMemory returns the sum of the first n shares over time, with a gap where a sample has none. Past the last share it
// returns all charged memory.
func stackedMemory(r *document.Run, n int) (all [][]point) {
	var part []point
	for _, s := range r.Samples {
		total, ok := document.Float(s.MemoryBytes)
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
				if v, ok := one.of(s); ok { // an unknown share is part of the rest
					sum += v
				}
			}
		}
		part = append(part, point{s.AtMs, min(sum, total)})
	}
	if len(part) > 0 {
		all = append(all, part)
	}
	return all
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
