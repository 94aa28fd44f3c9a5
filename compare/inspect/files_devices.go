package inspect

import "haltscope/cgroupfs/proc"

// fileDevices knows under which device numbers the same file may appear. The mappings of a file show the device of its file system. But
// each container's overlay has a device of its own, with the inode numbers of the file system that has its layers; kernels before Linux
// 6.8 show the device of that file system. And on btrfs, a file's st_dev is that of its subvolume, which no mount shows.
type fileDevices struct {
	table  *proc.MountTable
	home   map[uint64]uint64 // by device: whose inode numbers it has: its own, or those of the device below an overlay
	memory map[uint64]bool   // the devices of tmpfs
}

// likeness says whether two device numbers with the same inode number belong to the same file.
type likeness int

const (
	anotherFile likeness = iota
	maybeSameFile
	sameFile
)

// newFileDevices returns the devices of the mounts of this process, and of files in memory that no mount has.
func newFileDevices(self []proc.Mount, nameless uint64) *fileDevices {
	d := &fileDevices{table: proc.NewMountTable(self), home: map[uint64]uint64{nameless: nameless}, memory: map[uint64]bool{nameless: true}}
	d.add(self)
	return d
}

// add adds the devices of the mounts of some process.
func (d *fileDevices) add(mounts []proc.Mount) {
	for i := range mounts {
		m := &mounts[i]
		switch {
		case m.Type != "overlay":
			d.home[m.Dev] = m.Dev
			d.memory[m.Dev] = m.Type == "tmpfs" || m.Type == "ramfs"
		case m.UpperDir != "":
			if on := d.table.On(m.UpperDir); on != nil && on.Type != "overlay" {
				d.home[m.Dev] = on.Dev
			}
		}
	}
}

// like compares the device of a file with that of a mapping of the same inode number.
func (d *fileDevices) like(file, mapping uint64) likeness {
	if file == mapping {
		return sameFile
	}
	fileHome, fileKnown := d.home[file]
	mappingHome, mappingKnown := d.home[mapping]
	switch {
	case fileKnown && mappingKnown && fileHome == mappingHome:
		return sameFile
	case fileKnown && mappingKnown, d.memory[fileHome], d.memory[mappingHome]:
		return anotherFile
	}
	return maybeSameFile
}

// chargedFile is a file with pages that are charged to the container.
type chargedFile struct {
	key  fileKey
	file *cachedFile
}

// chargedFiles are files by inode number. Files on different file systems may share one.
type chargedFiles map[uint64][]chargedFile

// chargedFiles returns the files with pages that are charged to the container.
func (s *fileSearch) chargedFiles() chargedFiles {
	s.mu.Lock()
	defer s.mu.Unlock()
	charged := chargedFiles{}
	for key, f := range s.files {
		if f.count.File+f.count.Shmem > 0 {
			charged[key.inode] = append(charged[key.inode], chargedFile{key, f})
		}
	}
	return charged
}

// of returns the file that is probably mapped; its pages decide whether it is. It returns nil if there is none, or if several are
// possible.
func (c chargedFiles) of(mapping *proc.Mapping, devices *fileDevices) (found *cachedFile) {
	best, several := anotherFile, false
	for _, f := range c[mapping.Inode] {
		like := devices.like(f.key.dev, mapping.Dev)
		if f.key.nameless != "" {
			if name, _ := namelessKind(mapping.Path); f.key.dev != mapping.Dev || name != f.key.nameless {
				like = anotherFile // the inode number of a SysV segment is its id
			}
		}
		switch {
		case like == anotherFile || like < best:
		case like > best:
			best, found, several = like, f.file, false
		default:
			several = true
		}
	}
	if several {
		return nil
	}
	return found
}
