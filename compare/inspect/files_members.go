package inspect

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// reachable says which files of a process can be opened without waiting for anybody.
type reachable struct {
	devices         map[uint64]bool
	mountIDs        map[uint64]bool
	uncached        map[uint64]bool // the mounts whose files the kernel makes
	uncachedDevices map[uint64]bool // and their devices
	waiting         map[uint64]bool // the devices of mounts that may keep a reader waiting
	same            map[uint64]bool // the mounts that the container's main process has too, at the same path
	nameless        uint64          // the device of files in memory that are on no mount
}

// reachableFrom returns what can be opened of the mounts of a process and of this one.
func (m *memberFiles) reachableFrom(pid int) (reachable, error) {
	r := reachable{devices: map[uint64]bool{}, mountIDs: map[uint64]bool{}, uncached: map[uint64]bool{},
		uncachedDevices: map[uint64]bool{}, waiting: map[uint64]bool{}, same: map[uint64]bool{}}
	mounts, err := proc.ReadMounts(pid)
	if err != nil {
		return r, err
	}
	for i := range mounts {
		r.same[mounts[i].ID] = m.inMain(&mounts[i])
	}
	table := proc.NewMountTable(m.self)
	for _, mount := range append(mounts, m.self...) {
		switch {
		case table.Local(&mount):
			r.devices[mount.Dev], r.mountIDs[mount.ID] = true, true
		case kernelMount(&mount):
			r.uncached[mount.ID], r.uncachedDevices[mount.Dev] = true, true
		default:
			r.waiting[mount.Dev] = true
		}
	}
	dev, id, err := proc.NamelessMount()
	if err != nil {
		return r, err
	}
	r.nameless, r.devices[dev], r.mountIDs[id] = dev, true, true
	return r, nil
}

// inMain reports whether the container's main process has the same part of the same file system at the same path. Another process may be
// in a mount namespace of its own, where mounts have other ids.
func (m *memberFiles) inMain(mount *proc.Mount) bool {
	return slices.ContainsFunc(m.main, func(of proc.Mount) bool {
		return of.Dev == mount.Dev && of.Root == mount.Root && of.Point == mount.Point
	})
}

// kindOf returns the kind of a file that has a path, or "" if the path shows it, because the main process has the file there too.
func (m *memberFiles) kindOf(f *proc.RegularFile) string {
	if id, ok := f.MountID().Value(); ok && m.same[id] {
		return ""
	}
	return memory.OtherFile
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
	if pid := s.mainPID(); pid != 0 {
		if m.main, err = proc.ReadMounts(pid); err != nil {
			m.fail(err)
		}
	}
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
	if m.unknown > 0 {
		s.missed("%s on an unknown file system", value.Count(m.unknown, "mapped file", "mapped files"))
	}
}

// memberFiles looks at the files of one process after another. Most files are shared by several.
type memberFiles struct {
	*fileSearch
	counter     *cgroupfs.FileCounter
	self        []proc.Mount
	main        []proc.Mount    // of the container's main process
	same        map[uint64]bool // see reachable, of the process that is looked at
	mapped      map[mappedKey]*cachedFile
	open        map[openKey]bool
	unreachable int
	unknown     int // mapped files of file systems that are not mounted anywhere in sight
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
	can, err := m.reachableFrom(member.PID)
	if err == nil {
		err = id.Check()
	}
	if err != nil {
		m.fail(err)
		return
	}
	m.same = can.same
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

// mapping looks at a file that a process maps, unless it has done so before.
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
		switch {
		case can.waiting[mapping.Dev]:
			m.unreachable++
		case !can.uncachedDevices[mapping.Dev] && !kernelFile(mapping.Path):
			m.unknown++
		}
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

// kernelFile reports whether a mapped file that is on no mount is one of the kernel's own, none of whose pages is page cache or shared
// memory: a ring of libaio, a buffer of a driver or of a socket, or huge pages.
//
//	/[aio] (deleted)    anon_inode:[perf_event]    socket:[4711]    /dmabuf:    /anon_hugepage (deleted)
//	/memfd:huge (deleted)    /SYSV00001a2b (deleted)
//
// The last two are in huge pages: others are on the device of [reachable].nameless. Source: fs/aio.c, aio_private_file; fs/anon_inodes.c;
// drivers/dma-buf/dma-buf.c; fs/hugetlbfs/inode.c, hugetlb_file_setup.
func kernelFile(path string) bool {
	if !strings.HasPrefix(path, "/") {
		return true
	}
	name, deleted := strings.CutSuffix(path, " (deleted)")
	switch {
	case strings.HasPrefix(name, "/dmabuf:"):
		return true
	case !deleted:
		return false
	}
	return name == "/[aio]" || name == "/anon_hugepage" || strings.HasPrefix(name, "/memfd:") || strings.HasPrefix(name, "/SYSV")
}

func (m *memberFiles) addMapper(file *cachedFile, process memory.Process) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if file == nil || len(file.mappedBy) > 0 && file.mappedBy[len(file.mappedBy)-1] == process {
		return
	}
	file.mappedBy = append(file.mappedBy, process)
}

// descriptor looks at a file that a process has open, unless it has done so before.
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
	file, path, err := f.Open()
	if errors.Is(err, proc.ErrReplaced) {
		delete(m.open, key) // another descriptor may still have it open
	}
	if err != nil {
		m.fail(err)
		return
	}
	m.look(ctx, file, path, file.Dev == can.nameless)
}

// look counts the pages of a file, unless it has done so before, and closes the file.
func (m *memberFiles) look(ctx context.Context, f *proc.RegularFile, path string, nameless bool) *cachedFile {
	kind, name := m.kindOf(f), ""
	if f.Deleted {
		path, kind = strings.TrimSuffix(path, " (deleted)"), memory.Deleted
	}
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

// runtimes looks at the programs that start containers: their pages may be charged to the container for which they were read.
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
