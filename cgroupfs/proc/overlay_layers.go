package proc

import (
	"path"
	"slices"
	"strings"
)

// MountTable finds the mount of this process that a path is on.
type MountTable struct {
	at     map[string]*Mount // by mount point
	remote []string          // the mount points whose files may keep a reader waiting
}

// NewMountTable returns the table of the mounts of this process, as [ReadMounts] returns them.
func NewMountTable(self []Mount) *MountTable {
	t := &MountTable{at: make(map[string]*Mount, len(self))}
	for i := range self {
		t.at[self[i].Point] = &self[i] // the last one covers those before
		if !localTypes[self[i].Type] {
			t.remote = append(t.remote, self[i].Point)
		}
	}
	return t
}

// On returns the mount that an absolute path is on, or nil if there is none. It does not look at the path, which might keep it
// waiting, so it follows no link.
func (t *MountTable) On(folder string) *Mount {
	for folder = path.Clean(folder); ; folder = path.Dir(folder) {
		if m := t.at[folder]; m != nil {
			return m
		}
		if folder == "/" || folder == "." {
			return nil
		}
	}
}

// overlayDepth is how many overlays can be stacked. Source: FILESYSTEM_MAX_STACK_DEPTH, include/linux/fs.h.
const overlayDepth = 2

// Local reports whether the files of a mount can be opened without waiting for a server: not those of FUSE, NFS and the like. Kernel
// file systems, such as proc, have no cached files and are not local either. An overlay is local if all its layers are known to be. So an
// overlay whose lower layers are fetched when they are used is not local.
func (t *MountTable) Local(m *Mount) bool { return t.local(m, overlayDepth) }

func (t *MountTable) local(m *Mount, depth int) bool {
	if m == nil || !localTypes[m.Type] || depth < 0 {
		return false
	}
	if m.Type != "overlay" {
		return true
	}
	known, hasLower := false, false
	for _, l := range overlayLayers(m.options) {
		hasLower = hasLower || l.lower
		switch {
		case !strings.HasPrefix(l.folder, "/"):
			// Docker and containerd shorten the options by mounting from a folder of their own, which mountinfo does not have. So a
			// relative folder is taken to be on the mount of upperdir and workdir, unless a remote mount point ends like it.
			if t.hasRemote(l.folder) {
				return false
			}
		case !t.local(t.On(l.folder), depth-1):
			return false
		default:
			known = true
		}
	}
	return known && hasLower
}

// hasRemote reports whether a mount point that ends with a relative path is that of a file system that may keep a reader waiting.
func (t *MountTable) hasRemote(folder string) bool {
	return slices.ContainsFunc(t.remote, func(point string) bool { return strings.HasSuffix(point, "/"+folder) })
}

// overlayLayer is a folder that an overlay uses.
type overlayLayer struct {
	folder string
	lower  bool // a layer that is only read
}

// overlayLayers returns the folders in the options of an overlay. A colon within one is written as "\:".
//
//	rw,lowerdir=/l/B:/l/C::/data,upperdir=/c/diff,workdir=/c/work
//	rw,lowerdir+=/l/B,lowerdir+=/l/C,datadir+=/data,upperdir=/c/diff,workdir=/c/work
//
// Source: Documentation/filesystems/overlayfs.rst. "lowerdir+" exists since Linux 6.5, "datadir+" since 6.8.
func overlayLayers(options string) (all []overlayLayer) {
	for _, option := range splitEscaped(options, ',') {
		name, value, _ := strings.Cut(option, "=")
		lower := false
		switch name {
		case "lowerdir", "lowerdir+", "datadir+":
			lower = true
		case "upperdir", "workdir":
		default:
			continue
		}
		folders := []string{value}
		if name == "lowerdir" {
			folders = splitEscaped(value, ':')
		}
		for _, folder := range folders {
			if folder = unescapeLayer.Replace(folder); folder != "" {
				all = append(all, overlayLayer{folder, lower})
			}
		}
	}
	return all
}

// unescapeLayer replaces the escapes of overlayfs.
var unescapeLayer = strings.NewReplacer(`\\`, `\`, `\,`, ",", `\:`, ":")

// splitEscaped splits at each separator that has no backslash before it. It leaves the backslashes.
func splitEscaped(text string, separator byte) (parts []string) {
	start := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case separator:
			parts, start = append(parts, text[start:i]), i+1
		}
	}
	return append(parts, text[start:])
}
