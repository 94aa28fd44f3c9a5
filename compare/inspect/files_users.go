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
			for _, pid := range pids {
				if mappings, err := proc.ReadFileMappings(pid); err == nil {
					all = append(all, otherProcess{id, pid, mappings})
				}
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
	// A file's inode number is the same in maps of all containers, while an overlay has a device number for each of them. So another file
	// may have it: the pages decide.
	charged := map[uint64]*cachedFile{}
	s.mu.Lock()
	for key, f := range s.files {
		if f.count.File+f.count.Shmem > 0 {
			charged[key.inode] = f
		}
	}
	s.mu.Unlock()
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
			if file := charged[other.mappings[j].Inode]; file != nil && !slices.Contains(file.usedBy, other.container) {
				s.user(counter, file, other, &other.mappings[j])
			}
		}
	}
}

// user notes that another container uses a file, if its process maps a page of it that is charged to this one.
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
