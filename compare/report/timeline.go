package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// axes are the same for all timelines of a page, so that they can be compared at sight.
type axes struct{ from, to, memory, cpu float64 }

func compareAxes(c *document.Compare) axes {
	var a axes
	a.from, a.to = compareSpan(c)
	for _, arm := range c.Arms {
		for _, r := range arm.Runs {
			for _, s := range runMemoryCourse(r) {
				a.memory = max(a.memory, s.value)
			}
			for _, s := range runCpuCourse(r) {
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
	of   func(document.Sample) (float64, bool)
}

// shares are drawn one upon the other, in this order. What they do not tell of is the rest of what is charged.
var shares = []share{
	{inkAnon, "anonymous", func(s document.Sample) (float64, bool) { return document.Float(s.AnonBytes) }},
	{inkShmem, "shared memory, tmpfs", func(s document.Sample) (float64, bool) { return document.Float(s.ShmemBytes) }},
	{inkFile, "page cache", func(s document.Sample) (float64, bool) {
		file, ok := document.Float(s.FileBytes)
		shmem, _ := document.Float(s.ShmemBytes)
		return max(0, file-shmem), ok
	}},
	{inkKernel, "kernel", func(s document.Sample) (float64, bool) { return document.Float(s.KernelBytes) }},
}

// timeline draws a run: what happened, the freezer, memory by kind, and CPU.
func runTimeline(r document.Run, a axes) func(float64) *drawing {
	return func(width float64) *drawing {
		steps := 8
		if width < wideChart {
			steps = 5
		}
		memory := ticks(0, a.memory, nice(a.memory, 4, true), func(v float64) string { return value.Bytes(v) })
		cpu := ticks(0, a.cpu, nice(a.cpu, 3, false), func(v float64) string { return fmt.Sprintf("%g", v) })
		time := ticks(a.from, a.to, max(1, nice(a.to-a.from, steps, false)), seconds)
		const band, title, memoryHeight, cpuHeight, axis = 18, 22, 140, 78, 34
		f := frame{left: max(widest(memory), widest(cpu)) + labelGap, right: width - max(8, widest(time)/2), from: a.from, to: a.to}
		marks, lanes := runLanes(r, f.x, width)
		top := float64(lanes)*laneHeight + 4
		d := &drawing{Height: top + band + title + memoryHeight + title + cpuHeight + axis}
		d.band(runPeriods(r, runLastEvent(r)), f, top, band, marks)

		f.top = top + band + title
		f.bottom, f.most = f.top+memoryHeight, a.memory
		memoryTop := f.top
		d.levels(f, memory)
		// All that is charged first, and over it the sums of ever fewer kinds: of each, a stripe stays in sight.
		for n := len(shares) + 1; n > 0; n-- {
			fill := inkOther
			if n <= len(shares) {
				fill = shares[n-1].ink
			}
			for _, points := range runStacked(r, n) {
				d.area(f, points, fill)
			}
		}

		f.top = f.bottom + title
		f.bottom, f.most = f.top+cpuHeight, a.cpu
		d.levels(f, cpu)
		for _, points := range runCpuLines(r) {
			xs, ys := f.place(points)
			d.path("polyline", xs, ys, inkCPU.stroke(";stroke-width:2"))
		}
		for _, t := range time {
			d.words(f.x(t.value), f.bottom+14, centred, inkMuted, t.label)
		}
		d.words((f.left+f.right)/2, f.bottom+30, centred, inkMuted, "seconds since the command began")
		d.marks(marks, lanes, f.bottom)
		d.heading(f.left, memoryTop-8, "memory")
		d.heading(f.left, f.top-8, "CPU, % of one core")
		return d
	}
}

func seconds(ms float64) string {
	return strings.Replace(fmt.Sprintf("%g", math.Round(ms)/1000), "-", "−", 1)
}

// point is a figure at a time, in milliseconds.
type point struct{ at, value float64 }

func (f frame) place(points []point) (xs, ys []float64) {
	for _, p := range points {
		xs, ys = append(xs, f.x(p.at)), append(ys, f.y(p.value))
	}
	return xs, ys
}

// stacked are the sums of the first n shares over time, parted where a sample has none. Beyond the last of them it is
// all that is charged.
func runStacked(r document.Run, n int) (all [][]point) {
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
				v, _ := one.of(s)
				sum += v
			}
		}
		part = append(part, point{s.AtMs, min(sum, total)})
	}
	if len(part) > 0 {
		all = append(all, part)
	}
	return all
}

// area fills what is below some points; a single one is a dot.
func (d *drawing) area(f frame, points []point, fill ink) {
	xs, ys := f.place(points)
	if len(points) == 1 {
		d.circle(xs[0], ys[0], 3, fill.style())
		return
	}
	d.path("polygon", append(xs, xs[len(xs)-1], xs[0]), append(ys, f.bottom, f.bottom), fill.style())
}

// cpuLines are the steps of CPU, parted where there is no figure.
func runCpuLines(r document.Run) (all [][]point) {
	for _, s := range runCpuCourse(r) {
		if n := len(all) - 1; n < 0 || all[n][len(all[n])-1].at != s.from {
			all = append(all, nil)
		}
		n := len(all) - 1
		all[n] = append(all[n], point{s.from, s.value}, point{s.to, s.value})
	}
	return all
}

// lifeEvents are those of the action, and those of bringing the twin back.
func runLifeEvents(r document.Run) []document.Event {
	return append(append([]document.Event{}, r.Events...), r.Resume.Events...)
}

// period is a length of time for which the freezer said the same.
type period struct {
	from, to float64
	name     string
	fill     ink
	on       ink
}

func runPeriods(r document.Run, end float64) (all []period) {
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
	if !r.Cgroup.Exists && r.Cgroup.Freezer.Frozen.Reason() == value.Vanished {
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
func (d *drawing) band(periods []period, f frame, top, height float64, marks []mark) {
	for _, p := range periods {
		x0, x1 := f.x(p.from), max(f.x(p.to), f.x(p.from)+2)
		style := p.fill.style()
		if p.fill == inkPage {
			style += template.CSS(";stroke:var(--" + inkNames[inkMuted] + ");stroke-dasharray:3 3")
		}
		d.rect(x0, top+2, x1-x0, height-4, style)
		from, w := x0+labelGap, widthOf(p.name)
		for _, m := range marks { // their lines go through the band
			if m.x > from-4 && m.x < from+w+4 {
				from = m.x + 5
			}
		}
		if from+w+labelGap < x1 {
			d.words(from, top+height/2+midLetter, startsAt, p.on, p.name)
		}
	}
}

func runLastEvent(r document.Run) float64 {
	end := 0.0
	for _, s := range r.Samples {
		end = max(end, s.AtMs)
	}
	for _, e := range runLifeEvents(r) {
		end = max(end, e.AtMs)
	}
	return end
}
