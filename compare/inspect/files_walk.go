package inspect

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// errEnough ends a walk: all is named, or the bound of files is reached.
var errEnough = errors.New("enough files")

// mounts looks at all files of the mounts of the container's main process.
func (s *fileSearch) mounts(ctx context.Context) {
	pid := s.mainPID()
	if pid == 0 {
		s.missed("the files of its mounts: it has no process")
		return
	}
	root, err := proc.OpenRoot(pid)
	if err != nil {
		s.missed("the files of its mounts: %v", err)
		return
	}
	defer root.Close()
	s.mu.Lock()
	s.kinds = newKindsOfFiles(root.Mounts, s.account.Container.Mounts)
	s.mu.Unlock()
	w := fileWalk{fileSearch: s, jobs: make(chan []foundFile, 2), total: s.total()}
	var wait sync.WaitGroup
	for range workers() {
		wait.Go(func() { w.work(ctx) })
	}
	mounts := inOrder(root.Mounts)
	for _, large := range []bool{true, false} { // a few large files are most of the memory
		w.large, w.visited = large, 0
		for i := range mounts {
			if ctx.Err() != nil || w.visited >= filesVisited || w.enough() {
				break
			}
			w.mount(ctx, root, &mounts[i])
		}
		w.send()
	}
	close(w.jobs)
	wait.Wait()
	if w.visited >= filesVisited {
		s.missed("what is left of its mounts after %d files", filesVisited)
	}
}

// mainPID returns the container's main process, or another one of its processes; 0 if it has none.
func (s *fileSearch) mainPID() int {
	members := s.account.held.members
	for i := range members {
		if members[i].PID == s.account.Container.State.Pid {
			return members[i].PID
		}
	}
	if len(members) > 0 {
		return members[0].PID
	}
	return 0
}

// total returns how many bytes the search has to name.
func (s *fileSearch) total() value.Maybe[int64] {
	rows := memory.Split(&s.account.kernel.After, s.account.kernel.Version)
	return memory.Sum(rows, memory.File, memory.Shmem)
}

// inOrder returns the mounts in the order in which they are walked: tmpfs, whose files hold memory; the root and volumes; and last what
// may be a large part of the host.
func inOrder(mounts []proc.Mount) []proc.Mount {
	rank := func(m *proc.Mount) int {
		switch {
		case m.Type == "tmpfs":
			return 0
		case m.Type == "overlay" || m.Root != "/" && m.Point != "/":
			return 1
		}
		return 2
	}
	ordered := slices.DeleteFunc(slices.Clone(mounts), func(m proc.Mount) bool { return kernelMount(&m) })
	slices.SortStableFunc(ordered, func(a, b proc.Mount) int { return cmp.Compare(rank(&a), rank(&b)) })
	return ordered
}

// kernelMount reports whether the files of a mount are made by the kernel, and never cached.
func kernelMount(m *proc.Mount) bool {
	switch m.Type {
	case "proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue", "debugfs", "tracefs", "securityfs", "pstore", "bpf", "configfs",
		"binfmt_misc", "nsfs", "rpc_pipefs", "efivarfs", "hugetlbfs":
		return true
	}
	return false
}

// fileWalk walks the mounts. Its workers count the pages.
type fileWalk struct {
	*fileSearch
	jobs    chan []foundFile
	next    []foundFile
	total   value.Maybe[int64]
	large   bool // large files are counted now, or else the others
	visited int
	bytes   int64 // of next
}

// enough reports whether all bytes are named.
func (w *fileWalk) enough() bool {
	total, known := w.total.Get()
	return known && int64(w.namedBytes()) >= total
}

func (w *fileWalk) mount(ctx context.Context, root *proc.Root, m *proc.Mount) {
	point := value.Clean(m.Point)
	w.looking("walking " + point)
	skipped, err := root.Walk(ctx, m, func(path string, f *proc.RegularFile) error {
		if w.visited++; w.visited >= filesVisited || w.enough() {
			f.Close()
			return errEnough
		}
		if f.Size == 0 || w.large != (f.Size >= largeFile) {
			f.Close()
			return nil
		}
		file, isNew := w.enter(f, path, "", "")
		if !isNew {
			w.rename(file, path)
			f.Close()
			return nil
		}
		w.next = append(w.next, foundFile{f, file})
		if w.bytes += f.Size; len(w.next) >= filesTogether || w.bytes > bytesTogether {
			w.send()
		}
		return nil
	})
	if !w.large {
		return // it was reported when the large files were looked for
	}
	switch {
	case errors.Is(err, proc.ErrCovered), errors.Is(err, errEnough), ctx.Err() != nil:
	case errors.Is(err, unix.EAGAIN) && m.Type == "tmpfs" && (below(m.Point, "/proc") || below(m.Point, "/sys")):
		// The kernel never has its path in its cache. Docker mounts empty ones there, to hide what is below.
	case err != nil:
		w.missed("the files of %s (%s): %v", point, m.Type, err)
	}
	if skipped > 0 {
		w.missed("%s of %s, which could not be opened", value.Count(skipped, "file or folder", "files or folders"), strings.TrimSpace(point))
	}
}

// rename gives a file that was known by a path on another mount its path in the main process, which shows its kind.
func (w *fileWalk) rename(file *cachedFile, path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if file.kind == memory.OtherFile {
		file.path, file.kind = path, ""
	}
}

// send hands the files found since the last call to the workers.
func (w *fileWalk) send() {
	if len(w.next) > 0 {
		w.jobs <- w.next
	}
	w.next, w.bytes = nil, 0
}

// work counts the pages of the files that the walk finds.
func (w *fileWalk) work(ctx context.Context) {
	counter, err := w.pages.Counter()
	if err != nil {
		w.fail(err)
		for files := range w.jobs {
			for _, f := range files {
				f.Close()
			}
		}
		return
	}
	defer counter.Close()
	for files := range w.jobs {
		w.count(ctx, counter, files...)
	}
}
