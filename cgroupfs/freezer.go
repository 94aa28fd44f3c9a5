package cgroupfs

// Freezer is what the kernel's freezer was asked, and what it has done: two facts.
type Freezer struct {
	// Requested is 1 when freezing was asked for, of this cgroup or of one above it.
	Requested Figure
	// By is the folder of the cgroup of which it was asked: this one, or else the nearest above.
	By string
	// Above is the folder of the nearest cgroup above of which it was asked, too or alone; "" for none. As long as that
	// one is frozen, a thaw of this one has no effect.
	Above string
	// Frozen is 1 when freezing is complete.
	Frozen Figure
}

// freezerFiles are the files of one cgroup. v2: cgroup.freeze and cgroup.events. v1: freezer.self_freezing and
// freezer.state.
type freezerFiles struct {
	own            string // the folder of the container's cgroup
	request, state file
	above          []file // request of each cgroup above, nearest first
}

func (f *freezerFiles) all() []*file {
	all := []*file{&f.request, &f.state}
	for i := range f.above {
		all = append(all, &f.above[i])
	}
	return all
}

func (f *freezerFiles) read(buf []byte, version int) (freezer Freezer, populated Figure) {
	populated = Without(Unsupported)
	data, state := f.state.read(buf)
	switch {
	case version == 2 && state == Present:
		e := parseEvents(data)
		freezer.Frozen, populated = e.Frozen, e.Populated
	case version == 2:
		freezer.Frozen, populated = Without(state), Without(state)
	case string(data) == thawed:
		return Freezer{Requested: Number(0), Frozen: Number(0)}, populated
	case state == Present:
		freezer.Frozen = parseFreezerState(data)
	default:
		freezer.Frozen = Without(state)
	}
	freezer.Requested = f.request.figure(buf)
	if freezer.Requested.Is(1) {
		freezer.By = f.own
	}
	for i := range f.above {
		if !f.above[i].figure(buf).Is(1) {
			continue
		}
		freezer.Above = f.above[i].in.path
		if freezer.Requested.Is(0) {
			freezer.Requested, freezer.By = Number(1), freezer.Above
		}
		break
	}
	return freezer, populated
}
