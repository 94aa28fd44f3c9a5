package report

import (
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// groups are the parts of a ledger, in the order of a bar.
var groups = []struct {
	group string
	ink   ink
	name  string
}{
	{"anon", inkAnon, "anonymous"}, {"shmem", inkShmem, "shared memory, tmpfs"}, {"file", inkFile, "page cache"},
	{"kernel", inkKernel, "kernel"}, {"sock", inkSock, "sockets"}, {"hugetlb", inkHuge, "huge pages (hugetlb)"}, {"unattributed", inkOther, "unattributed"},
}

// bar is a ledger at one moment: the bytes of each group, or why there are none.
type bar struct {
	name   string
	when   string    // ", before", or nothing: which no shortening takes away
	parts  []float64 // as groups
	absent string
}

func (b bar) sum() (all float64) {
	for _, v := range b.parts {
		all += v
	}
	return all
}

// newBar sums up a ledger by groups. What is below 0, as unattributed may be, has no length.
func newBar(name, when string, of func(group string) value.Maybe[int64]) bar {
	b := bar{name: name, when: when, parts: make([]float64, len(groups))}
	for i, g := range groups {
		if v, ok := of(g.group).Get(); ok {
			b.parts[i] = max(0, float64(v))
		} else if reason := of(g.group).Reason(); reason == value.Vanished || reason == value.Failed || reason == value.Denied {
			b.absent = why(of(g.group))
		}
	}
	if b.sum() > 0 {
		b.absent = ""
	} else if b.absent == "" {
		b.absent = "nothing"
	}
	return b
}

// ledgerBars are those of each run: before the command, and at the end.
func compareLedgerBars(c *document.Compare) (all []bar) {
	for _, arm := range c.Arms {
		r, name := armLead(&arm)[0], armWords(&arm)
		for _, side := range []struct {
			when string
			of   func(document.LedgerRow) value.Maybe[int64]
		}{{"before", func(l document.LedgerRow) value.Maybe[int64] { return l.BeforeBytes }}, {"after", func(l document.LedgerRow) value.Maybe[int64] { return l.Bytes }}} {
			all = append(all, newBar(name, ", "+side.when, func(group string) value.Maybe[int64] { return sumGroup(r.Memory.Ledger, group, side.of) }))
		}
	}
	return all
}

// stackedBars draws ledgers as bars, the first at the top, the sum behind each.
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
			names = append(names, tick{label: fitting(b.name, width*0.32-widthOf(b.when)) + b.when})
			sums = append(sums, tick{label: fitting(label, width*0.22)})
			f.to = max(f.to, b.sum())
		}
		f.left, f.right = widest(names)+labelGap, width-widest(sums)-labelGap
		d := &drawing{Height: float64(each*len(bars)) + 4}
		d.line(f.left, 0, f.left, d.Height, inkMuted.stroke("")) // where nothing ends
		for i, b := range bars {
			top := float64(each*i) + (each-thick)/2
			stand, sum := top+thick/2+midLetter, 0.0
			d.words(f.left-labelGap, stand, endsAt, inkText, names[i].label)
			for g, group := range groups {
				if b.parts[g] > 0 {
					d.rect(f.x(sum), top, f.x(sum+b.parts[g])-f.x(sum), thick, group.ink.style())
					sum += b.parts[g]
				}
			}
			d.words(f.x(sum)+labelGap, stand, startsAt, inkText, sums[i].label)
		}
		return d
	}
}
