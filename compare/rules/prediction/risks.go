package prediction

import "slices"

// Risk is something that the end of a container takes with it, or something that its end depends on and that a twin does not have.
type Risk struct {
	Kind  RiskKind
	Names []string
	Count int     // of Clients
	Bytes *uint64 // of Tmpfs: shared memory of the container in total; nil if that is not known, or of another kind
}

// RiskKind is the kind of a risk.
type RiskKind string

// The kinds.
const (
	RiskTmpfs      RiskKind = "tmpfs"          // files on tmpfs, Names says where
	RiskClients    RiskKind = "clients"        // what clients have requested
	RiskUnsignaled RiskKind = "unsignaled"     // processes that get no signal and are killed; Names are theirs
	RiskSharers    RiskKind = "sharers"        // processes of the containers Names, which are killed as well
	RiskRemoved    RiskKind = "writable-layer" // --rm: Names are the anonymous volumes that are removed with it
)

// risks returns what a stop puts at risk.
func (f *Facts) risks() (all []Risk) {
	if len(f.Tmpfs) > 0 && (f.ShmemBytes == nil || *f.ShmemBytes > 0) {
		all = append(all, Risk{Kind: RiskTmpfs, Names: f.Tmpfs, Bytes: f.ShmemBytes})
	}
	if f.AutoRemove {
		all = append(all, Risk{Kind: RiskRemoved, Names: f.AnonymousVolumes})
	}
	if f.Work.inProgress() {
		all = append(all, Risk{Kind: RiskClients, Count: max(f.Work.Connections, len(f.Work.Sessions))})
	}
	if names := f.unsignaledNames(); len(names) > 0 {
		all = append(all, Risk{Kind: RiskUnsignaled, Names: names})
	}
	if len(f.Sharers) > 0 && f.Target.First.NamespaceInit {
		var names []string
		for _, s := range f.Sharers {
			names = append(names, s.Name)
		}
		all = append(all, Risk{Kind: RiskSharers, Names: names})
	}
	return all
}

// unsignaledNames returns the names of the processes that get no signal, each once. Those with the name of the signal target are its
// workers, which it ends itself if it handles the signal.
func (f *Facts) unsignaledNames() (names []string) {
	p := f.Target.Process()
	for _, m := range f.Unsignaled {
		if !slices.Contains(names, m.Name) && (p == nil || m.Name != p.Name) {
			names = append(names, m.Name)
		}
	}
	return names
}
