package report

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/rivo/uniseg"
)

// ink is a color of a chart, named after its meaning. The style sheet has a value of each for light and for dark pages.
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
	inkGood
	inkWarn
	inkBad
	inks // the number of inks
)

// inkNames are the variables of the style sheet.
var inkNames = [inks]string{"ink", "muted", "grid", "anon", "shmem", "file", "kernel", "sock", "huge", "other", "cpu", "mark", "running",
	"frozen", "on-frozen", "bg", "good", "warn", "bad"}

// toneInk are the colors of tones.
var toneInk = [...]ink{plainTone: inkText, good: inkGood, warn: inkWarn, bad: inkBad}

// style returns the style of a filled shape or a text.
func (i ink) style() template.CSS { return template.CSS("fill:var(--" + inkNames[i] + ")") }

// stroke returns the style of a line, with further declarations in more.
func (i ink) stroke(more string) template.CSS {
	return template.CSS("fill:none;stroke:var(--" + inkNames[i] + ")" + more)
}

// The widths of a chart, for a wide page and for a phone, in units of which a letter is 12 high.
const (
	wideChart   = 1160
	narrowChart = 420
)

// picture is a chart, drawn at two widths; the page shows the one that fits.
type picture struct {
	ID, Title, Description string
	only                   float64 // the width of a chart in a card, which is drawn once
	draw                   func(width float64) *drawing
}

// Drawings returns the chart at each of its widths, with a text alternative.
func (p picture) Drawings() []*drawing {
	if p.only > 0 {
		return []*drawing{p.drawing("only", p.only)}
	}
	return []*drawing{p.drawing("wide", wideChart), p.drawing("narrow", narrowChart)}
}

// Most returns the greatest width in pixels of a chart in a card.
func (d *drawing) Most() float64 { return 1.3 * d.Width }

func (p picture) drawing(class string, width float64) *drawing {
	d := p.draw(width)
	d.picture, d.Class, d.Width = p, class, width
	return d
}

// drawing is a picture at one width. The template "drawing" in page/page.html turns it into an SVG element. Later shapes cover
// earlier ones. Positions count from the top left.
type drawing struct {
	picture
	Class         string
	Width, Height float64
	Shapes        []shape
}

// shape is an SVG element. Its kind is the name of the element, and decides which fields are used.
type shape struct {
	Kind          string // line, rect, circle, polyline, polygon or text
	X, Y          length // start of a line, top left corner of a rectangle, center of a circle, anchor of a text
	ToX, ToY      length // end of a line
	Width, Height length // of a rectangle; a text only has a width
	Radius        length
	Points        string // of a polyline or polygon
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

// Where the anchor of a text is.
const (
	startsAt = "start"
	centered = "middle"
	endsAt   = "end"
)

// words adds a text with its baseline at y. It keeps its width even if the reader's font is wider than letterWidth.
func (d *drawing) words(x, y float64, anchor string, i ink, s string) {
	d.add(shape{Kind: "text", X: length(x), Y: length(y), Width: length(widthOf(s)), Anchor: anchor, Text: s, Style: i.style()})
}

// The width of a letter in the monospaced font, and how far the baseline is below the middle of a line.
const (
	letterWidth = 7.2
	midLetter   = 4
)

// widthOf returns the width of a text. Unlike a terminal's width it does not depend on the locale, so a page is the same
// wherever it is made.
func widthOf(s string) float64 { return letterWidth * float64(uniseg.StringWidth(s)) }
