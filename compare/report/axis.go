package report

import "math"

// frame maps figures to positions: x from the value from on the left to the value to on the right, y from 0 at the bottom to
// the value most at the top.
type frame struct {
	left, right, top, bottom float64
	from, to, most           float64
}

func (f frame) x(v float64) float64 { return f.left + (v-f.from)/(f.to-f.from)*(f.right-f.left) }
func (f frame) y(v float64) float64 { return f.bottom - v/f.most*(f.bottom-f.top) }

// tick is a labeled figure of an axis.
type tick struct {
	value float64
	label string
}

// levels draws a thin line at each tick, with its label on the left.
func (d *drawing) levels(f frame, all []tick) {
	for _, t := range all {
		y := f.y(t.value)
		d.line(f.left, y, f.right, y, inkGrid.stroke(""))
		d.words(f.left-labelGap, y+midLetter, endsAt, inkMuted, t.label)
	}
}

// labelGap is the distance between a label and what it names.
const labelGap = 6

// widest returns the width of the widest label.
func widest(all []tick) (w float64) {
	for _, t := range all {
		w = max(w, widthOf(t.label))
	}
	return w
}

// niceStep returns the smallest step that divides the span into at most "most" parts: 1, 2 or 5 times a power of ten, or a power of two.
func niceStep(span float64, most int, binary bool) float64 {
	if span <= 0 {
		return 1
	}
	least := span / float64(most)
	if binary {
		return math.Exp2(math.Ceil(math.Log2(least)))
	}
	power := math.Pow(10, math.Floor(math.Log10(least)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= least {
			return m * power
		}
	}
	return 10 * power
}

// ticks returns a labeled tick at each multiple of the step.
func ticks(from, to, step float64, label func(float64) string) (all []tick) {
	first := math.Ceil(from/step - 1e-9)
	for i := range int((to-from)/step) + 2 {
		if v := (first + float64(i)) * step; v <= to+step*1e-9 {
			all = append(all, tick{v, label(v + 0)}) // + 0 turns −0 into 0
		}
	}
	return all
}

// shorten cuts a text to a width.
func shorten(s string, width float64) string {
	if widthOf(s) <= width {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if cut := string(runes[:n]) + "…"; widthOf(cut) <= width {
			return cut
		}
	}
	return "…"
}

// point is a figure at a time, in milliseconds.
type point struct{ at, value float64 }

// place returns the positions of points.
func (f frame) place(points []point) (xs, ys []float64) {
	for _, p := range points {
		xs, ys = append(xs, f.x(p.at)), append(ys, f.y(p.value))
	}
	return xs, ys
}

// area fills the space below points; a single point is a dot.
func (d *drawing) area(f frame, points []point, fill ink) {
	xs, ys := f.place(points)
	if len(points) == 1 {
		d.circle(xs[0], ys[0], 3, fill.style())
		return
	}
	d.path("polygon", append(xs, xs[len(xs)-1], xs[0]), append(ys, f.bottom, f.bottom), fill.style())
}
