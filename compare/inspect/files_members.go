package inspect

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// reachable says which files of a process can be opened without waiting for anybody.
type reachable struct {
	devices  map[uint64]bool
	mountIDs map[uint64]bool
	uncached map[uint64]bool // the mounts whose files the kernel makes
	nameless uint64          // the device of files in memory that no mount has
}

// reachableFrom returns what can be opened of the mounts of a process and of this one.
func (s *fileSearch) reachableFrom(pid int, self []proc.Mount) (reachable, error) {
	r := reachable{devices: map[uint64]bool{}, mountIDs: map[uint64]bool{}, uncached: map[uint64]bool{}}
	mounts, err := proc.ReadMounts(pid)
	if err != nil {
		return r, err
	}
	table := proc.NewMountTable(self)
	for _, m := range append(mounts, self...) {
		switch {
		case table.Local(&m):
			r.devices[m.Dev], r.mountIDs[m.ID] = true, true
		case kernelMount(&m):
			r.uncached[m.ID] = true
		}
	}
	dev, id, err := proc.NamelessMount()
	if err != nil {
		return r, err
	}
	r.nameless, r.devices[dev], r.mountIDs[id] = dev, true, true
	return r, nil
}

// members looks at the files that the container's processes have mapped or open.
func (s *fileSearch) members(ctx context.Context) {
	counter, err := s.pages.Counter()
	if err != nil {
		s.missed("mapped and open files: %v", err)
		return
	}
	defer counter.Close()
	m := memberFiles{fileSearch: s, counter: counter, self: s.selfMounts(), mapped: map[mappedKey]*cachedFile{}, open: map[openKey]bool{}}
	for i := range s.account.held.members {
		if ctx.Err() != nil {
			return
		}
		m.member(ctx, &s.account.held.members[i])
	}
	if m.unreachable > 0 {
		s.missed("%s on file systems that may keep haltscope waiting, such as FUSE and NFS",
			value.Count(m.unreachable, "open or mapped file", "open or mapped files"))
	}
}

// memberFiles looks at the files of one process after the other. Most files are common to several.
type memberFiles struct {
	*fileSearch
	counter     *cgroupfs.FileCounter
	self        []proc.Mount
	mapped      map[mappedKey]*cachedFile
	open        map[openKey]bool
	unreachable int
}

// mappedKey identifies a file as maps does, openKey as fdinfo does.
type (
	mappedKey struct {
		dev, inode uint64
		nameless   string
	}
	openKey struct{ mount, inode uint64 }
)

func (m *memberFiles) member(ctx context.Context, member *proc.Member) {
	id := member.ID()
	process := memory.Process{PID: member.PID, Command: member.Comm}
	m.looking("looking at the files of process " + value.Clean(member.Comm))
	can, err := m.reachableFrom(member.PID, m.self)
	if err == nil {
		err = id.Check()
	}
	if err != nil {
		m.fail(err)
		return
	}
	mappings, err := proc.ReadFileMappings(member.PID)
	if err != nil {
		m.fail(err)
	}
	for i := range mappings {
		if ctx.Err() != nil {
			return
		}
		m.mapping(ctx, process, &mappings[i], can)
	}
	files, err := proc.ReadOpenFiles(member.PID)
	if err != nil {
		m.fail(err)
	}
	for i := range files {
		if ctx.Err() != nil {
			return
		}
		m.descriptor(ctx, &files[i], can)
	}
}

// mapping looks at a file that a process maps, unless that was done before.
func (m *memberFiles) mapping(ctx context.Context, process memory.Process, mapping *proc.Mapping, can reachable) {
	key := mappedKey{dev: mapping.Dev, inode: mapping.Inode}
	if mapping.Dev == can.nameless {
		key.nameless = mapping.Path
	}
	if file, known := m.mapped[key]; known {
		m.addMapper(file, process)
		return
	}
	if !can.devices[mapping.Dev] {
		m.mapped[key] = nil
		m.unreachable++
		return
	}
	f, path, err := proc.OpenMapped(process.PID, mapping)
	if err != nil {
		m.fail(err)
		return
	}
	file := m.look(ctx, f, path, mapping.Dev == can.nameless)
	m.mapped[key] = file
	m.addMapper(file, process)
}

func (m *memberFiles) addMapper(file *cachedFile, process memory.Process) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if file == nil || len(file.mappedBy) > 0 && file.mappedBy[len(file.mappedBy)-1] == process {
		return
	}
	file.mappedBy = append(file.mappedBy, process)
}

// descriptor looks at a file that a process has open, unless that was done before.
func (m *memberFiles) descriptor(ctx context.Context, f *proc.OpenFile, can reachable) {
	inode, hasInode := f.Inode.Value()
	key := openKey{f.MountID, inode}
	if hasInode && m.open[key] {
		return
	}
	m.open[key] = true
	if !can.mountIDs[f.MountID] {
		if !can.uncached[f.MountID] {
			m.unreachable++
		}
		return
	}
	file, err := f.Open()
	if err != nil {
		m.fail(err)
		return
	}
	m.look(ctx, file, f.Path, file.Dev == can.nameless)
}

// look counts the pages of a file, unless that was done before, and closes it.
func (m *memberFiles) look(ctx context.Context, f *proc.RegularFile, path string, nameless bool) *cachedFile {
	kind := ""
	if f.Deleted {
		path, kind = strings.TrimSuffix(path, " (deleted)"), memory.Deleted
	}
	name := ""
	if nameless {
		path, kind = namelessKind(path)
		name = path
	}
	file, isNew := m.enter(f, path, kind, name)
	m.mu.Lock()
	file.used = true
	m.mu.Unlock()
	if !isNew {
		f.Close()
		return file
	}
	m.count(ctx, m.counter, foundFile{f, file})
	return file
}

// runtimes looks at the programs that start containers: their pages may be charged to the container that they were read for.
func (s *fileSearch) runtimes(ctx context.Context) {
	counter, err := s.pages.Counter()
	if err != nil {
		s.missed("the container runtime: %v", err)
		return
	}
	defer counter.Close()
	for _, name := range []string{"runc", "crun", "docker-init"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue // it is not used here, or not found by its name
		}
		if path, err = filepath.EvalSymlinks(path); err != nil {
			continue
		}
		f, err := proc.OpenRegular(path)
		if err != nil {
			if !os.IsNotExist(err) {
				s.fail(err)
			}
			continue
		}
		if file, isNew := s.enter(f, path, memory.Runtime, ""); isNew {
			s.count(ctx, counter, foundFile{f, file})
		} else {
			f.Close()
		}
	}
}
