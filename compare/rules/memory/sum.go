package memory

import (
	"slices"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/figures"
	"haltscope/compare/value"
)

// Sum adds up the rows of some kinds, in bytes. A row that this kernel does not report counts as nothing; any other row without a
// figure makes the sum absent.
func Sum(rows []Row, kinds ...string) value.Maybe[int64] {
	return sum(rows, func(r Row) bool { return slices.Contains(kinds, r.Kind) })
}

// SumGroup adds up the rows of a group, as Sum does.
func SumGroup(rows []Row, group string) value.Maybe[int64] {
	return sum(rows, func(r Row) bool { return r.Group == group })
}

func sum(rows []Row, of func(Row) bool) value.Maybe[int64] {
	sum := value.Known(int64(0))
	for _, row := range rows {
		if of(row) {
			sum = minus(sum, negative(row.Bytes))
		}
	}
	return sum
}

// difference subtracts two figures, as minus does.
func difference(whole, part figure.Figure) value.Maybe[int64] {
	return minus(figures.Signed(whole), figures.Signed(part))
}

// minus subtracts a part from a whole. A part that this kernel does not report counts as nothing.
func minus(whole, part value.Maybe[int64]) value.Maybe[int64] {
	w, ok := whole.Get()
	if !ok {
		return whole
	}
	p, ok := part.Get()
	if !ok && part.Reason() != value.Unsupported {
		return part
	}
	return value.Known(w - p)
}

func negative(m value.Maybe[int64]) value.Maybe[int64] {
	v, ok := m.Get()
	if !ok {
		return m
	}
	return value.Known(-v)
}
