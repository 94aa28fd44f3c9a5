package live

import (
	"context"
	"errors"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/dockercli"
)

// Subject is a container that was asked about, for rooms that do something to it.
type Subject struct {
	Container dockercli.Container
	Group     *cgroupfs.Group // nil where it has no cgroup
}

// Find checks the host and finds containers by name or id. The error tells of those that could not be found, or whose
// cgroup could not; the others are there beside it. Their groups are the caller's to close.
func Find(ctx context.Context, docker *dockercli.Client, names []string) (*cgroupfs.Host, document.Host, []Subject, error) {
	kernel, here, subjects, failed := fit(ctx, docker, names)
	var all []Subject
	for _, s := range subjects {
		if err := s.locate(kernel); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		all = append(all, Subject{s.container, s.group})
	}
	return kernel, here, all, failed
}
