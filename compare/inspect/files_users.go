package inspect

import (
	"context"
	"slices"
	"sync"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
)

// otherProcess is a process of some container, with the files that it maps.
type otherProcess struct {
	container string // its id
	pid       int
	mappings  []proc.Mapping
	mounts    []proc.Mount // of the first process of a container whose mounts could be read; else nil
}

// containerProcesses reads the processes of all containers of this host, once.
func containerProcesses(kernel *cgroupfs.Host) func() ([]otherProcess, error) {
	return sync.OnceValues(func() (all []otherProcess, err error) {
		groups, err := kernel.Containers()
		for id, group := range groups {
			pids, memberErr := group.Members()
			group.Close()
			if memberErr != nil {
				continue // it ended in the meantime
			}
			var known []proc.Mount
			for _, pid := range pids {
				mappings, err := proc.ReadFileMappings(pid)
				if err != nil {
					continue // it ended, or hides them
				}
				other := otherProcess{container: id, pid: pid, mappings: mappings}
				if known == nil {
					if known, err = proc.ReadMounts(pid); err == nil {
						other.mounts = known
					}
				}
				all = append(all, other)
			}
		}
		return all, err
	})
}

// users finds the other containers that map pages which are charged to this one.
func (s *fileSearch) users(ctx context.Context) {
	counter, err := s.pages.Counter()
	if err != nil {
		s.missed("other containers that use its files: %v", err)
		return
	}
	defer counter.Close()
	s.looking("looking at the processes of other containers")
	others, err := s.others()
	if err != nil {
		s.missed("other containers that use its files: %v", err)
	}
	devices, err := s.devices(others)
	if err != nil {
		s.missed("other containers that use its files: %v", err)
		return
	}
	charged := s.chargedFiles()
	own := map[int]bool{}
	for i := range s.account.held.members {
		own[s.account.held.members[i].PID] = true
	}
	for i := range others {
		other := &others[i]
		if ctx.Err() != nil {
			return
		}
		if own[other.pid] || other.container == s.account.Container.ID {
			continue
		}
		for j := range other.mappings {
			if file := charged.of(&other.mappings[j], devices); file != nil && !slices.Contains(file.usedBy, other.container) {
				s.user(counter, file, other, &other.mappings[j])
			}
		}
	}
}

// devices returns the devices of the mounts of this process, the container and all others.
func (s *fileSearch) devices(others []otherProcess) (*fileDevices, error) {
	nameless, _, err := proc.NamelessMount()
	if err != nil {
		return nil, err
	}
	devices := newFileDevices(s.selfMounts(), nameless)
	devices.add(s.kinds.mounts)
	for i := range others {
		devices.add(others[i].mounts)
	}
	return devices, nil
}

// user records that another container uses a file, if its process maps a page of it that is charged to this one.
func (s *fileSearch) user(counter *cgroupfs.FileCounter, file *cachedFile, other *otherProcess, mapping *proc.Mapping) {
	uses, err := counter.Maps(other.pid, mapping)
	if err != nil {
		s.fail(err)
	}
	if uses {
		s.mu.Lock()
		defer s.mu.Unlock()
		file.usedBy = append(file.usedBy, other.container)
	}
}
