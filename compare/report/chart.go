package report

import (
	"bytes"
	"fmt"
	"html/template"
	"math"

	svg "github.com/ajstarks/svgo/float"
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

// style is an ink as a part of a style: of a shape that is filled with it, of words.
func (i ink) style() string { return "fill:var(--" + inkNames[i] + ")" }

// stroke is an ink as the style of a line, 1 wide unless more is said.
func (i ink) stroke(more string) string { return "fill:none;stroke:var(--" + inkNames[i] + ")" + more }

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

// SVG is the chart for both widths, with its text alternative.
func (p picture) SVG() template.HTML {
	return p.inline("wide", wideChart) + p.inline("narrow", narrowChart)
}

func (p picture) inline(class string, width float64) template.HTML {
	d := p.draw(width)
	id := p.ID + "-" + class
	return template.HTML(fmt.Sprintf(`<svg class=%q viewBox="0 0 %g %g" role="img" aria-labelledby="%s-title %s-desc" xmlns="http://www.w3.org/2000/svg">`+
		"\n<title id=\"%s-title\">%s</title>\n<desc id=\"%s-desc\">%s</desc>\n%s</svg>\n",
		class, width, d.height, id, id, id, template.HTMLEscapeString(p.Title), id, template.HTMLEscapeString(p.Description), d.shapes.String()))
}

// drawing takes shapes; what comes later lies upon what came before. Positions count from the top left.
type drawing struct {
	*svg.SVG
	shapes bytes.Buffer
	height float64
}

func newDrawing(height float64) *drawing {
	d := &drawing{height: height}
	d.SVG = &svg.SVG{Writer: &d.shapes, Decimals: 1}
	return d
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
	d.Text(x, y, s, fmt.Sprintf(`textLength="%.1f" lengthAdjust="spacingAndGlyphs" text-anchor="%s"`, widthOf(s), anchor), i.style())
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
		d.Line(f.left, y, f.right, y, inkGrid.stroke(""))
		d.words(f.left-labelGap, y+midLetter, endsAt, inkMuted, t.label)
	}
}

// heading writes over what is there already.
func (d *drawing) heading(x, y float64, s string) {
	d.Rect(x-1, y-11, widthOf(s)+2, 14, inkPage.style())
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
