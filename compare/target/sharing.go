package target

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// inspector is what Sharing asks Docker: the names of containers.
type inspector interface {
	InspectMany(ctx context.Context, names ...string) dockercli.Inspections
}

// Sharing finds the containers that share the PID namespace of another. It looks at all processes of this machine, when it is first
// asked, and keeps what it found: it is for one command.
type Sharing struct {
	ctx        context.Context
	docker     inspector
	kernel     *cgroupfs.Host
	namespaces func() (map[uint64][]int, error)
}

// NewSharing returns a finder. The context is for docker inspect, which is asked for names.
func NewSharing(ctx context.Context, docker inspector, kernel *cgroupfs.Host) *Sharing {
	return &Sharing{ctx, docker, kernel, sync.OnceValues(proc.PIDNamespaces)}
}

// Of returns the other containers whose processes are in the PID namespace of a container's first process. members are the
// container's own processes. Without a finder, nil, it returns none. The error says why one may be missing.
func (s *Sharing) Of(first int, id string, members []int) (all []prediction.Sharer, unread error) {
	if s == nil {
		return nil, nil
	}
	namespace, ok := proc.PIDNamespace(first).Value()
	if !ok {
		return nil, nil // it has ended
	}
	namespaces, err := s.namespaces()
	if err != nil {
		return nil, err
	}
	byContainer := map[string][]int{}
	for _, pid := range namespaces[namespace] {
		if slices.Contains(members, pid) {
			continue
		}
		other, err := s.kernel.ContainerOf(pid)
		switch {
		case errors.Is(err, proc.ErrNoProcess):
		case err != nil:
			unread = fmt.Errorf("looking for containers in the PID namespace of process %d: %w", first, err)
		case other != "" && other != id:
			byContainer[other] = append(byContainer[other], pid)
		}
	}
	if len(byContainer) == 0 {
		return nil, unread
	}
	ids := slices.Sorted(maps.Keys(byContainer))
	named := s.docker.InspectMany(s.ctx, ids...).Found
	for _, other := range ids {
		name := value.ShortID(other)
		if c, ok := named[other]; ok {
			name = c.DisplayName()
		}
		slices.Sort(byContainer[other])
		all = append(all, prediction.Sharer{Name: name, PIDs: byContainer[other]})
	}
	return all, unread
}
