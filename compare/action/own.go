package action

import (
	"fmt"
	"os"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
	"haltscope/compare/target"
)

// withoutOwn returns the targets without the container that haltscope itself runs in, which it closes: an action on that would end or
// freeze haltscope halfway.
func withoutOwn(log zerolog.Logger, kernel *cgroupfs.Host, targets []*target.Target) (others []*target.Target, err error) {
	own, err := kernel.ContainerOf(os.Getpid())
	if err != nil {
		closeAll(targets)
		return nil, fmt.Errorf("finding the container that haltscope itself runs in: %w", err)
	}
	for _, t := range targets {
		if t.Container.ID != own {
			others = append(others, t)
			continue
		}
		log.Warn().Str("container", t.Name()).Msg("left out: haltscope itself runs in it")
		t.Close()
	}
	return others, nil
}
