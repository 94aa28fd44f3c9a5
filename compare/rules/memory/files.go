package memory

import (
	"cmp"
	"slices"

	"haltscope/compare/value"
)

// Kinds of files with pages in memory.
const (
	ImageLayer    = "image-layer"
	WritableLayer = "writable-layer"
	Volume        = "volume"
	BindMount     = "bind-mount"
	Tmpfs         = "tmpfs"
	Deleted       = "deleted"          // it has no name any more, and lives as long as it is open or mapped
	Memfd         = "memfd"            // memfd_create(2)
	SysV          = "sysv"             // shmget(2)
	SharedAnon    = "shared-anonymous" // mmap(2) with MAP_SHARED and MAP_ANONYMOUS
	Runtime       = "runtime"          // the program that started the container
	OtherFile     = "other"            // of another mount
)

// CachedFile is a file with pages in memory that a container uses or is charged for.
type CachedFile struct {
	Path           string // as the container sees it, and as it was read
	Kind           string // "" if its path tells
	Volume         string // its name, if Kind is Volume
	File, Shmem    uint64 // bytes that are charged to the container, as page cache, and as shared memory or tmpfs
	Dirty          uint64 // bytes of these that are not written to disk yet
	MappedBy       []Process
	UsedBy         []string // the ids or names of other containers that map pages of it which are charged here
	ChargedToOther []Charge // its pages that are charged to others, if the container's processes use the file
}

// Process is a process of a container.
type Process struct {
	PID     int
	Command string
}

// Charge is a part of a file that is charged to another cgroup.
type Charge struct {
	Container string // its name, or else its id; "" if the cgroup is that of no container
	Cgroup    string // its folder; "" for none
	Above     bool   // the cgroup is one above the container's, which has the pages that containers left when they ended
	Bytes     uint64
}

// Bytes returns how many bytes of the file are charged to the container.
func (f *CachedFile) Bytes() uint64 { return f.File + f.Shmem }

// Other returns how many bytes of the file are charged to others.
func (f *CachedFile) Other() (bytes uint64) {
	for _, c := range f.ChargedToOther {
		bytes += c.Bytes
	}
	return bytes
}

// Row returns the kind of the row that the file is part of.
func (f *CachedFile) Row() string {
	if f.Shmem > 0 || f.File == 0 && slices.Contains([]string{Tmpfs, Memfd, SysV, SharedAnon}, f.Kind) {
		return Shmem
	}
	return File
}

// Naming is what the files say about the rows of page cache and shared memory. Of each row, the files, the rest and what is not named add
// up to the whole.
type Naming struct {
	Files     []CachedFile // the largest by what is charged to the container, at most some
	Elsewhere []CachedFile // the largest by what is charged to others, at most some
	File      Named
	Shmem     Named
}

// Named is a row by files.
type Named struct {
	More    int                // how many files are not among the largest
	Rest    uint64             // their bytes
	Unnamed value.Maybe[int64] // bytes of no file that was found; negative if the row was read at another time
}

// NameFiles returns the largest files, at most most of them, and what is left of the rows of page cache and shared memory.
func NameFiles(all []CachedFile, rows []Row, most int) Naming {
	here := slices.DeleteFunc(slices.Clone(all), func(f CachedFile) bool { return f.Bytes() == 0 })
	other := slices.DeleteFunc(slices.Clone(all), func(f CachedFile) bool { return f.Other() == 0 })
	sortBy(here, (*CachedFile).Bytes)
	sortBy(other, (*CachedFile).Other)
	n := Naming{Files: here[:min(most, len(here))], Elsewhere: other[:min(most, len(other))]}
	n.File = named(here, most, rows, File, func(f *CachedFile) uint64 { return f.File })
	n.Shmem = named(here, most, rows, Shmem, func(f *CachedFile) uint64 { return f.Shmem })
	return n
}

// sortBy sorts files by size, the largest first, and then by path.
func sortBy(files []CachedFile, size func(*CachedFile) uint64) {
	slices.SortFunc(files, func(a, b CachedFile) int {
		return cmp.Or(cmp.Compare(size(&b), size(&a)), cmp.Compare(a.Path, b.Path))
	})
}

func named(files []CachedFile, most int, rows []Row, group string, size func(*CachedFile) uint64) (n Named) {
	var sum uint64
	for i := range files {
		bytes := size(&files[i])
		sum += bytes
		if i >= most && bytes > 0 {
			n.More++
			n.Rest += bytes
		}
	}
	n.Unnamed = minus(SumGroup(rows, group), value.Known(int64(sum)))
	return n
}

// Unnamed returns how many bytes of page cache and shared memory belong to no file that was found.
func (n *Naming) Unnamed() value.Maybe[int64] {
	return minus(n.File.Unnamed, negative(n.Shmem.Unnamed))
}
