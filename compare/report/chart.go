package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/rivo/uniseg"
)

// ink is a colour of a chart by its meaning. The page's style gives each a value, one for a light and one for a dark page.
type ink uint8

const (
	inkText ink = iota
	inkMuted
	inkGrid
	inkAnon
	inkShmem
	inkFile
	inkKernel
	inkSock
	inkHuge
	inkOther
	inkCPU
	inkMark
	inkRunning
	inkFrozen
	inkOnFrozen
	inkPage
	inks // how many there are
)

var inkNames = [inks]string{"ink", "muted", "grid", "anon", "shmem", "file", "kernel", "sock", "huge", "other", "cpu", "mark", "running", "frozen", "on-frozen", "bg"}

// style returns the style of a shape or a text that is filled with the ink.
func (i ink) style() template.CSS { return template.CSS("fill:var(--" + inkNames[i] + ")") }

// stroke returns the style of a line, which is 1 wide unless more says otherwise.
func (i ink) stroke(more string) template.CSS {
	return template.CSS("fill:none;stroke:var(--" + inkNames[i] + ")" + more)
}

// Widths of a chart, in units of which a letter is 12 high: for a wide page, and for one as narrow as a telephone's.
const (
	wideChart   = 920
	narrowChart = 420
)

// picture is a chart, drawn twice; the page shows the one that fits.
type picture struct {
	ID, Title, Description string
	draw                   func(width float64) *drawing
}

// Drawings returns the chart for both widths, each with its text alternative.
func (p picture) Drawings() []*drawing {
	return []*drawing{p.drawing("wide", wideChart), p.drawing("narrow", narrowChart)}
}

func (p picture) drawing(class string, width float64) *drawing {
	d := p.draw(width)
	d.picture, d.Class, d.Width = p, class, width
	return d
}

// drawing is a picture at one width: what the template "drawing" in page/page.html makes an SVG element of. Later shapes cover
// earlier ones. Positions count from the top left.
type drawing struct {
	picture
	Class         string
	Width, Height float64
	Shapes        []shape
}

// shape is one element of an SVG picture. Its kind is the element's name, and decides which fields are used.
type shape struct {
	Kind          string // line, rect, circle, polyline, polygon or text
	X, Y          length // where a line begins; a rectangle's top left corner; a circle's center; a text's anchor
	ToX, ToY      length // where a line ends
	Width, Height length // of a rectangle; a text has only a width
	Radius        length
	Points        string // of a polyline or a polygon
	Anchor, Text  string
	Style         template.CSS
}

// length is written with one decimal.
type length float64

func (l length) String() string { return fmt.Sprintf("%.1f", float64(l)) }

func (d *drawing) add(s shape) { d.Shapes = append(d.Shapes, s) }

func (d *drawing) line(x, y, toX, toY float64, style template.CSS) {
	d.add(shape{Kind: "line", X: length(x), Y: length(y), ToX: length(toX), ToY: length(toY), Style: style})
}

func (d *drawing) rect(x, y, width, height float64, style template.CSS) {
	d.add(shape{Kind: "rect", X: length(x), Y: length(y), Width: length(width), Height: length(height), Style: style})
}

func (d *drawing) circle(x, y, radius float64, style template.CSS) {
	d.add(shape{Kind: "circle", X: length(x), Y: length(y), Radius: length(radius), Style: style})
}

// path adds a polyline or a polygon.
func (d *drawing) path(kind string, xs, ys []float64, style template.CSS) {
	points := make([]string, len(xs))
	for i, x := range xs {
		points[i] = length(x).String() + "," + length(ys[i]).String()
	}
	d.add(shape{Kind: kind, Points: strings.Join(points, " "), Style: style})
}

// Where words stand beside their position.
const (
	startsAt = "start"
	centred  = "middle"
	endsAt   = "end"
)

// words writes a line whose letters stand on y. The reader's font may be wider than letterWidth: the words keep the place
// that was made for them.
func (d *drawing) words(x, y float64, anchor string, i ink, s string) {
	d.add(shape{Kind: "text", X: length(x), Y: length(y), Width: length(widthOf(s)), Anchor: anchor, Text: s, Style: i.style()})
}

// Measures of the letters, which are all of one width, and how far below the middle of a line they stand.
const (
	letterWidth = 7.2
	midLetter   = 4
)

// widthOf does not ask for the reader's locale, as a terminal's width does: a page is the same wherever it is made.
func widthOf(s string) float64 { return letterWidth * float64(uniseg.StringWidth(s)) }

// frame is where figures are drawn, and which: from left to right from to to, from the bottom up 0 to most.
type frame struct {
	left, right, top, bottom float64
	from, to, most           float64
}

func (f frame) x(v float64) float64 { return f.left + (v-f.from)/(f.to-f.from)*(f.right-f.left) }
func (f frame) y(v float64) float64 { return f.bottom - v/f.most*(f.bottom-f.top) }

// tick is a figure that an axis names.
type tick struct {
	value float64
	label string
}

// levels draws a thin line at each tick, and its label left of it.
func (d *drawing) levels(f frame, all []tick) {
	for _, t := range all {
		y := f.y(t.value)
		d.line(f.left, y, f.right, y, inkGrid.stroke(""))
		d.words(f.left-labelGap, y+midLetter, endsAt, inkMuted, t.label)
	}
}

// heading writes over what is there already.
func (d *drawing) heading(x, y float64, s string) {
	d.rect(x-1, y-11, widthOf(s)+2, 14, inkPage.style())
	d.words(x, y, startsAt, inkText, s)
}

// labelGap is between a label and what it stands beside.
const labelGap = 6

func widest(all []tick) (w float64) {
	for _, t := range all {
		w = max(w, widthOf(t.label))
	}
	return w
}

// nice is a step of 1, 2 or 5 times a power of ten, so that there are no more steps than some; in binary units, of
// powers of two.
func nice(span float64, most int, binary bool) float64 {
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

// ticks are labelled at each step.
func ticks(from, to, step float64, label func(float64) string) (all []tick) {
	first := math.Ceil(from/step - 1e-9)
	for i := range int((to-from)/step) + 2 {
		if v := (first + float64(i)) * step; v <= to+step*1e-9 {
			all = append(all, tick{v, label(v + 0)}) // + 0: there is a −0
		}
	}
	return all
}

// fitting shortens a text to a width.
func fitting(s string, width float64) string {
	if widthOf(s) <= width {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if short := string(runes[:n]) + "…"; widthOf(short) <= width {
			return short
		}
	}
	return "…"
}
