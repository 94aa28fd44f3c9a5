package inspect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// fileKey identifies a file. For a file on no mount, that takes its name as well: the inode number of a SysV segment is its id, which may
// also be the inode number of another such file. Source: ipc/shm.c, newseg.
type fileKey struct {
	dev, inode uint64
	nameless   string
}

// cachedFile is a file with what is known of its pages.
type cachedFile struct {
	path     string
	kind     string // "" if its path shows it
	mappedBy []memory.Process
	used     bool     // a process has it open or mapped
	usedBy   []string // ids of other containers that map pages of it that are charged to this one
	count    cgroupfs.FileCount
}

// fileSearch looks for the files in a container's memory. Only the goroutines of its run change it. The lock protects what the result is
// made from, because the result may be requested while one of them is stuck.
type fileSearch struct {
	account *account
	pages   *cgroupfs.FilePages
	others  func() ([]otherProcess, error)
	kinds   kindsOfFiles

	mu     sync.Mutex
	files  map[fileKey]*cachedFile
	failed map[string]int // how many files could not be looked at, by reason
	misses []string
	named  uint64 // bytes
	at     string // what it is looking at
}

func newFileSearch(a *account, pages *cgroupfs.FilePages, others func() ([]otherProcess, error)) *fileSearch {
	return &fileSearch{account: a, pages: pages, others: others, files: map[fileKey]*cachedFile{}, failed: map[string]int{},
		at: "the first file"}
}

// missed records where files were not looked for.
func (s *fileSearch) missed(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.misses = append(s.misses, value.Clean(fmt.Sprintf(format, args...)))
}

// fail records that a file could not be looked at. It ignores a file that has vanished or is not regular.
func (s *fileSearch) fail(err error) {
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) || errors.Is(err, proc.ErrNoProcess) ||
		errors.Is(err, proc.ErrNotRegular) || errors.Is(err, proc.ErrReplaced) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed[err.Error()]++
}

// looking records what the search is looking at.
func (s *fileSearch) looking(at string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = at
}

func (s *fileSearch) current() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// enter returns the entry of a file, and whether it is new. Nameless is the name of a file that is on no mount.
func (s *fileSearch) enter(f *proc.RegularFile, path, kind, nameless string) (*cachedFile, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := fileKey{f.Dev, f.Inode, nameless}
	if known := s.files[key]; known != nil {
		return known, false
	}
	file := &cachedFile{path: path, kind: kind}
	s.files[key] = file
	return file, true
}

// foundFile is a file whose pages are to be counted.
type foundFile struct {
	*proc.RegularFile
	file *cachedFile
}

// errUnknownCharge means that a part of a file is left out.
var errUnknownCharge = errors.New("whom a part is charged to is not known: the first page of its large folio was not found")

// count counts the cached pages of files, and closes them.
func (s *fileSearch) count(ctx context.Context, counter *cgroupfs.FileCounter, found ...foundFile) {
	sized, files := make([]proc.SizedFile, 0, len(found)), make([]*cachedFile, 0, len(found))
	for _, f := range found {
		fd, err := f.Open()
		f.Close()
		if err != nil {
			s.fail(err)
			continue
		}
		sized, files = append(sized, proc.SizedFile{FD: fd, Size: f.Size}), append(files, f.file)
	}
	counts, err := counter.Count(ctx, sized...)
	for _, f := range sized {
		unix.Close(f.FD)
	}
	if err != nil && ctx.Err() == nil {
		s.fail(err)
	}
	s.counted(files, counts)
}

// counted records how much of some files is in memory.
func (s *fileSearch) counted(files []*cachedFile, counts []cgroupfs.FileCount) {
	for i := range counts {
		if counts[i].Unknown > 0 {
			s.fail(errUnknownCharge)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range files {
		f.count = counts[i]
		s.named += f.count.File + f.count.Shmem
	}
}

// namedBytes returns how many bytes of the files that were found are charged to the container.
func (s *fileSearch) namedBytes() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.named
}

// result returns what was found until now.
func (s *fileSearch) result(kernel *cgroupfs.Host) fileFacts {
	s.mu.Lock()
	files := slices.Collect(func(yield func(cachedFile) bool) {
		for _, f := range s.files {
			if f.count.File+f.count.Shmem > 0 || f.used && len(f.count.ChargedToOther) > 0 {
				if !yield(*f) {
					return
				}
			}
		}
	})
	facts := fileFacts{notWalked: slices.Clone(s.misses), kinds: s.kinds}
	for _, why := range slices.Sorted(maps.Keys(s.failed)) {
		facts.notWalked = append(facts.notWalked, value.Count(s.failed[why], "file", "files")+": "+value.Clean(why))
	}
	s.mu.Unlock()
	names, err := namesOfCgroups(kernel, files)
	if err != nil {
		facts.notWalked = append(facts.notWalked, "which containers are charged for files that this one uses: "+value.Clean(err.Error()))
	}
	for i := range files {
		facts.files = append(facts.files, s.describe(&files[i], names))
	}
	return facts
}

// describe returns what the rules need to know of a file.
func (s *fileSearch) describe(f *cachedFile, names map[uint64]string) memory.CachedFile {
	d := memory.CachedFile{Path: f.path, Kind: f.kind, File: f.count.File, Shmem: f.count.Shmem, Dirty: f.count.Dirty,
		MappedBy: slices.Clone(f.mappedBy), UsedBy: slices.Clone(f.usedBy)}
	if !f.used {
		return d
	}
	for _, inode := range slices.Sorted(maps.Keys(f.count.ChargedToOther)) {
		d.ChargedToOther = append(d.ChargedToOther, memory.Charge{Container: cgroupfs.ContainerIn(names[inode]), Cgroup: names[inode],
			Above: s.account.Group.IsBelow(names[inode]), Bytes: f.count.ChargedToOther[inode]})
	}
	return d
}

// namesOfCgroups returns the folders of the other cgroups that files are charged to.
func namesOfCgroups(kernel *cgroupfs.Host, files []cachedFile) (map[uint64]string, error) {
	inodes := map[uint64]bool{}
	for i := range files {
		for inode := range files[i].count.ChargedToOther {
			if files[i].used && inode != 0 {
				inodes[inode] = true
			}
		}
	}
	if len(inodes) == 0 {
		return nil, nil
	}
	return kernel.MemoryPaths(inodes)
}
