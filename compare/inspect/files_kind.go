package inspect

import (
	"strings"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// kindsOfFiles knows the kinds of a container's files, by their paths.
type kindsOfFiles struct {
	mounts []proc.Mount
	docker []dockercli.Mount
	upper  *proc.UpperDir // of the container's root; nil if that is not an overlay
}

func newKindsOfFiles(mounts []proc.Mount, docker []dockercli.Mount) kindsOfFiles {
	k := kindsOfFiles{mounts: mounts, docker: docker}
	for i := range mounts {
		if mounts[i].Point == "/" && mounts[i].UpperDir != "" {
			k.upper = proc.NewUpperDir(mounts[i].UpperDir)
		}
	}
	return k
}

// of returns the kind of a file, and the name of the volume that it is in.
func (k *kindsOfFiles) of(path string) (kind, volume string) {
	m := k.mountOf(path)
	if m == nil {
		return memory.OtherFile, ""
	}
	if m.Type == "tmpfs" {
		return memory.Tmpfs, ""
	}
	for _, d := range k.docker {
		if d.Destination != m.Point {
			continue
		}
		if d.Type == "volume" {
			return memory.Volume, value.Clean(d.Name)
		}
		return memory.BindMount, ""
	}
	switch {
	case m.Point != "/" && m.Type != "overlay":
		return memory.BindMount, ""
	case m.Point != "/" || k.upper == nil:
		return memory.OtherFile, ""
	}
	switch inUpper, err := k.upper.Has(path); {
	case err != nil:
		return memory.OtherFile, ""
	case inUpper:
		return memory.WritableLayer, ""
	}
	return memory.ImageLayer, ""
}

// mountOf returns the mount that a path is on: the last of those with the longest mount point.
func (k *kindsOfFiles) mountOf(path string) (found *proc.Mount) {
	for i := range k.mounts {
		m := &k.mounts[i]
		if below(path, m.Point) && (found == nil || len(m.Point) >= len(found.Point)) {
			found = m
		}
	}
	return found
}

// below reports whether a path is the folder itself or lies in it.
func below(path, folder string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(folder, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

// namelessKind returns the kind and the name of a file in memory that is on no mount.
//
//	/memfd:cache (deleted)    /SYSV00001a2b (deleted)    /dev/zero (deleted)
//
// Source: mm/memfd.c; ipc/shm.c, newseg; mm/shmem.c, shmem_zero_setup.
func namelessKind(path string) (name, kind string) {
	name = strings.TrimSuffix(path, " (deleted)")
	switch {
	case strings.HasPrefix(name, "/memfd:"):
		return strings.TrimPrefix(name, "/"), memory.Memfd
	case strings.HasPrefix(name, "/SYSV"):
		return strings.TrimPrefix(name, "/"), memory.SysV
	case name == "/dev/zero":
		return "shared memory without a file", memory.SharedAnon
	}
	return name, memory.Deleted
}
