package report

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
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

// RGBA makes an ink a colour of the library's, #0100 and its number, which stands for the name and is replaced by it in
// the picture. The library cuts off, it does not round: a little more than the number keeps it.
func (i ink) RGBA() (r, g, b, a uint32) { return 0x180, 0, uint32(i)*0x101 + 0x80, 0xffff }

var (
	inked    = pattern(`(fill|stroke):#0100([0-9A-F]{2})`)
	lettered = pattern(`font-family:[^;"]*;font-variant:normal;font-weight:normal;font-style:normal`)
	worded   = pattern(`<text ([^>]*)>([^<]*)</text>`)
)

// Widths of a chart, in units of which a letter is 12 high: for a wide page, and for one as narrow as a telephone's.
const (
	wideChart   = 920
	narrowChart = 420
)

// picture is a chart, drawn twice; the page shows the one that fits.
type picture struct {
	ID, Title, Description string
	draw                   func(width vg.Length) *vgsvg.Canvas
}

// SVG is the chart for both widths, with its text alternative.
func (p picture) SVG() template.HTML {
	return p.inline("wide", wideChart) + p.inline("narrow", narrowChart)
}

func (p picture) inline(class string, width vg.Length) template.HTML {
	var raw bytes.Buffer
	canvas := p.draw(width)
	if _, err := canvas.WriteTo(&raw); err != nil {
		return template.HTML(template.HTMLEscapeString(err.Error())) // a buffer takes all
	}
	_, body, _ := strings.Cut(raw.String(), "<svg")
	_, body, _ = strings.Cut(body, ">")
	body = inked().ReplaceAllStringFunc(body, func(s string) string {
		m := inked().FindStringSubmatch(s)
		n, _ := strconv.ParseUint(m[2], 16, 8)
		return m[1] + ":var(--" + inkNames[min(int(n), int(inks)-1)] + ")"
	})
	body = lettered().ReplaceAllString(body, "font-family:var(--chart)")
	// The reader's font may be wider than the one that all was measured with. Words keep the place that was made for them.
	body = worded().ReplaceAllStringFunc(body, func(s string) string {
		m := worded().FindStringSubmatch(s)
		return fmt.Sprintf(`<text textLength="%.1f" lengthAdjust="spacingAndGlyphs" %s>%s</text>`,
			letters(inkText).Width(html.UnescapeString(m[2])).Points(), m[1], m[2])
	})
	w, h := canvas.Size()
	id := p.ID + "-" + class
	head := fmt.Sprintf(`<svg class=%q viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="%s-title %s-desc" xmlns="http://www.w3.org/2000/svg">`+
		"\n<title id=\"%s-title\">%s</title>\n<desc id=\"%s-desc\">%s</desc>",
		class, w.Points(), h.Points(), id, id, id, template.HTMLEscapeString(p.Title), id, template.HTMLEscapeString(p.Description))
	return template.HTML(head + body)
}

// canvas is an empty picture.
func canvas(w, h vg.Length) (*vgsvg.Canvas, draw.Canvas) {
	c := vgsvg.New(w, h)
	return c, draw.New(c)
}

func letters(i ink) text.Style {
	return text.Style{Color: i, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: 12}, XAlign: text.XLeft, YAlign: text.YBottom, Handler: plot.DefaultTextHandler}
}

func stroke(i ink, width vg.Length) draw.LineStyle { return draw.LineStyle{Color: i, Width: width} }

// newPlot is a plot without a frame: thin lines, small letters, nothing that is not data.
func newPlot(from, to, most float64) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = from, to, 0, most
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.LineStyle = stroke(inkGrid, 0)
		a.Tick.Label = letters(inkMuted)
		a.Tick.LineStyle = stroke(inkGrid, 1)
		a.Tick.Length = 0
		a.Label.TextStyle = letters(inkMuted)
		a.Label.TextStyle.XAlign = text.XCenter
	}
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = text.XCenter, text.YTop
	p.Y.Tick.Label.XAlign, p.Y.Tick.Label.YAlign = text.XRight, text.YCenter
	return p
}

func grids(p *plot.Plot) {
	g := plotter.NewGrid()
	g.Vertical.Color, g.Horizontal = nil, stroke(inkGrid, 1)
	p.Add(g)
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
func ticks(from, to, step float64, label func(float64) string) (all plot.ConstantTicks) {
	for i := math.Ceil(from/step-1e-9) + 0; i*step <= to+step*1e-9; i++ {
		all = append(all, plot.Tick{Value: i * step, Label: label(i*step + 0)}) // + 0: there is a −0
	}
	return all
}

// fitting shortens a text to a width.
func fitting(s string, style text.Style, width vg.Length) string {
	if style.Width(s) <= width {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if short := string(runes[:n]) + "…"; style.Width(short) <= width {
			return short
		}
	}
	return "…"
}
