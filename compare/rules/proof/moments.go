package proof

import (
	"slices"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/figures"
	"haltscope/compare/value"
)

// window is how many moments are used on each side of the end. It is small, because other programs move the figures too.
const window = 5

// ending returns the moments right before and right after a program's own pages were freed.
func ending(all []Moment) (before, after []Moment) {
	most := uint64(0)
	for i := range all {
		most = max(most, pages(&all[i].Group))
	}
	whole := func(m *Moment) bool { return pages(&m.Group) > most-most/20 }
	last := len(all) - 1
	for last >= 0 && !whole(&all[last]) {
		last--
	}
	if last < 0 {
		return nil, nil
	}
	first := last
	for first > 0 && last-first < window-1 && whole(&all[first-1]) {
		first--
	}
	before = all[first : last+1]
	for i := last + 1; i < len(all); i++ {
		if pages(&all[i].Group) <= most/20 {
			return before, all[i:min(len(all), i+window)]
		}
	}
	return before, nil
}

// otherProgramsGrowth returns by how many bytes the memory without a file of the host's other programs grew while the twin's was
// freed. It is negative if it shrank.
func otherProgramsGrowth(before, after []Moment) (int64, bool) {
	then, now := median(before, programs), median(after, programs)
	if _, absent := missing(then, now); absent {
		return 0, false
	}
	freed := int64(pages(&before[len(before)-1].Group) - pages(&after[0].Group))
	return get(now) - get(then) + freed, true
}

func available(m *Moment) figure.Figure { return m.Available }
func perCPU(m *Moment) figure.Figure    { return m.PerCPU }
func programs(m *Moment) figure.Figure  { return m.Programs }

// free is all that is free, wherever the kernel keeps it.
func free(m *Moment) figure.Figure { return m.Available.Plus(m.PerCPU) }

// median returns the median of a figure, in which a short peak does not show.
func median(moments []Moment, of func(*Moment) figure.Figure) value.Maybe[int64] {
	sorted := values(moments, of)
	if len(sorted) == 0 {
		return figures.Without[int64](of(&moments[0]))
	}
	return value.Known(int64(sorted[len(sorted)/2]))
}

// spread returns by how much the middle half of the moments differ in what is free.
func spread(moments []Moment) int64 {
	sorted := values(moments, free)
	if len(sorted) == 0 {
		return 0
	}
	return int64(sorted[len(sorted)*3/4] - sorted[len(sorted)/4])
}

// values returns a figure of the moments, sorted, without those that have none.
func values(moments []Moment, of func(*Moment) figure.Figure) (all []uint64) {
	for i := range moments {
		if v, ok := of(&moments[i]).Value(); ok {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	return all
}
