package cgroupfs

import (
	"path/filepath"

	"haltscope/cgroupfs/figure"
)

// readFile reads a file of a cgroup once. It is [figure.Unsupported] without a folder, because its controller is not
// mounted.
func readFile(folder, name string) ([]byte, figure.State) {
	if folder == "" {
		return nil, figure.Unsupported
	}
	return figure.ReadFile(filepath.Join(folder, name))
}

// readFigure reads a file that holds one value.
func readFigure(folder, name string) figure.Figure { return readParsed(folder, name, figure.Parse) }

// figureIn returns readFigure for one file, as [smallest] needs it.
func figureIn(name string) func(folder string) figure.Figure {
	return func(folder string) figure.Figure { return readFigure(folder, name) }
}

// readParsed reads a file, and parses one figure in it.
func readParsed(folder, name string, parse func([]byte) figure.Figure) figure.Figure {
	data, state := readFile(folder, name)
	if state != figure.Present {
		return figure.Without(state)
	}
	return parse(data)
}

// readStruct reads a file, and parses it into a struct of figures.
func readStruct[T any](folder, name string, parse func([]byte) T) T {
	data, state := readFile(folder, name)
	if state != figure.Present {
		return figure.AllWithout[T](state)
	}
	return parse(data)
}
