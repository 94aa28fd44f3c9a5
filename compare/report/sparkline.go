package report

import (
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// heights are the eight heights of a sparkline.
var heights = []rune("▁▂▃▄▅▆▇█")

// sparklineWidth is the number of columns of a sparkline.
const sparklineWidth = 16

// sparklineRow draws a figure over time, for all arms on the same axes, which start at 0. The least and the greatest value
// of each follow.
func sparklineRow(c *document.Compare, of func(*document.Run) []interval, format func(float64) string) row {
	top := 0.0
	series := make([][]interval, len(c.Arms))
	for i := range c.Arms {
		series[i] = of(&mostCommon(&c.Arms[i])[0])
		for _, s := range series[i] {
			top = max(top, s.value)
		}
	}
	from, to := timeSpan(c)
	r := row{question: "  over time", sparkline: true}
	for _, all := range series {
		if len(all) == 0 {
			r.cells = append(r.cells, why(value.Maybe[bool]{}))
			continue
		}
		least, greatest := all[0].value, all[0].value
		for _, s := range all {
			least, greatest = min(least, s.value), max(greatest, s.value)
		}
		text := format(least)
		if high := format(greatest); high != text {
			text += " to " + high
		}
		r.cells = append(r.cells, sparkline(all, from, to, top)+" "+text)
	}
	return r
}

// sparkline draws the mean value of equal parts of the time; "·" is a part without a value.
func sparkline(all []interval, from, to, top float64) string {
	var b strings.Builder
	step := (to - from) / sparklineWidth
	for i := range sparklineWidth {
		begin, end := from+float64(i)*step, from+float64(i+1)*step
		sum, weight := 0.0, 0.0
		for _, s := range all {
			overlap := min(end, s.to) - max(begin, s.from)
			if s.from >= begin && (s.from < end || i == sparklineWidth-1) {
				overlap = max(overlap, 1e-6) // a single sample has no duration
			}
			if overlap > 0 {
				sum, weight = sum+s.value*overlap, weight+overlap
			}
		}
		switch {
		case weight == 0:
			b.WriteRune('·')
		case top == 0:
			b.WriteRune(heights[0])
		default:
			b.WriteRune(heights[min(len(heights)-1, int(sum/weight/top*float64(len(heights))))])
		}
	}
	return b.String()
}
