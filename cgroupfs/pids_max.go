package cgroupfs

// PidsLimit returns the limit of the tasks, that is, threads, and processes that have ended and that nobody has waited for. Source:
// cgroup-v2.rst, "pids.max".
func (g *Group) PidsLimit() Limit {
	return smallestFigure(ancestry(g.folder("pids")), figureIn("pids.max"))
}
