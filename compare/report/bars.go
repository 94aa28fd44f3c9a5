package report

import (
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// groups are the parts of a bar, in this order.
var groups = []struct {
	group string
	ink   ink
	name  string
}{
	{"anon", inkAnon, "anonymous"}, {"shmem", inkShmem, "shared memory, tmpfs"}, {"file", inkFile, "page cache"},
	{"kernel", inkKernel, "kernel"}, {"sock", inkSock, "sockets"}, {"hugetlb", inkHuge, "huge pages (hugetlb)"},
	{"unattributed", inkOther, "unattributed"},
}

// bar is a memory breakdown at one moment.
type bar struct {
	name   string
	suffix string    // ", before" or the like, which is never cut off
	parts  []float64 // bytes, as groups
	absent string    // why there are none
}

func (b bar) sum() (all float64) {
	for _, v := range b.parts {
		all += v
	}
	return all
}

// newBar sums up the rows of a memory breakdown by group. A group below 0, which unattributed may be, has no length.
func newBar(name, suffix string, rows []document.LedgerRow, get column) bar {
	b := bar{name: name, suffix: suffix, parts: make([]float64, len(groups))}
	for i, g := range groups {
		sum := sumGroup(rows, g.group, get)
		if v, ok := sum.Get(); ok {
			b.parts[i] = max(0, float64(v))
		} else if reason := sum.Reason(); reason == value.Vanished || reason == value.Failed || reason == value.Denied {
			b.absent = why(sum)
		}
	}
	if b.sum() > 0 {
		b.absent = ""
	} else if b.absent == "" {
		b.absent = "nothing"
	}
	return b
}

// groupLegend names the groups that some bar has.
func groupLegend(bars []bar) node {
	keys := node{Kind: "legend"}
	for i, g := range groups {
		for _, b := range bars {
			if b.parts[i] > 0 {
				keys.Keys = append(keys.Keys, legendKey{inkNames[g.ink], g.name})
				break
			}
		}
	}
	return keys
}

// stackedBars draws the bars below each other, with the sum at the end of each.
func stackedBars(bars []bar) func(float64) *drawing {
	return func(width float64) *drawing {
		const each, thick = 26, 16
		var names, sums []tick
		f := frame{to: 1}
		for _, b := range bars {
			label := b.absent
			if label == "" {
				label = value.Bytes(b.sum())
			}
			names = append(names, tick{label: shorten(b.name, width*0.32-widthOf(b.suffix)) + b.suffix})
			sums = append(sums, tick{label: shorten(label, width*0.22)})
			f.to = max(f.to, b.sum())
		}
		f.left, f.right = widest(names)+labelGap, width-widest(sums)-labelGap
		d := &drawing{Height: float64(each*len(bars)) + 4}
		d.line(f.left, 0, f.left, d.Height, inkMuted.stroke("")) // the axis
		for i, b := range bars {
			top := float64(each*i) + (each-thick)/2
			baseline, sum := top+thick/2+midLetter, 0.0
			d.words(f.left-labelGap, baseline, endsAt, inkText, names[i].label)
			for g, group := range groups {
				if b.parts[g] > 0 {
					d.rect(f.x(sum), top, f.x(sum+b.parts[g])-f.x(sum), thick, group.ink.style())
					sum += b.parts[g]
				}
			}
			d.words(f.x(sum)+labelGap, baseline, startsAt, inkText, sums[i].label)
		}
		return d
	}
}
