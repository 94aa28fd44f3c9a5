package proc

import (
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// Mount is one line of /proc/PID/mountinfo.
type Mount struct {
	ID       uint64
	Dev      uint64 // s_dev of the file system, which maps shows too; a file's st_dev may be another one, as on btrfs
	Root     string // the folder or file of the file system that is mounted
	Point    string // where, as the process sees it
	Type     string // of the file system
	UpperDir string // of an overlay: the folder with what was written, as its mounter sees it; else ""

	options string // of an overlay
}

// localTypes are the file systems whose files can be opened without waiting for a server, and whose cached pages mincore(2) sees.
var localTypes = map[string]bool{"ext2": true, "ext3": true, "ext4": true, "xfs": true, "btrfs": true, "overlay": true, "tmpfs": true,
	"ramfs": true, "devtmpfs": true, "f2fs": true, "zfs": true, "bcachefs": true, "erofs": true, "squashfs": true, "iso9660": true,
	"vfat": true, "exfat": true, "ntfs3": true, "jfs": true, "nilfs2": true}

// ReadMounts reads /proc/PID/mountinfo. The error wraps [ErrNoProcess] if there is no such process.
func ReadMounts(pid int) ([]Mount, error) {
	data, err := readFile(pid, "mountinfo")
	if err != nil {
		return nil, err
	}
	return parseMounts(data)
}

// parseMounts parses the lines of mountinfo.
//
//	1021 820 0:57 / / rw,relatime master:240 - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/B…,upperdir=/var/lib/docker/…/diff
//	1030 1021 254:0 /var/lib/docker/volumes/d/_data /data rw,relatime master:1 - ext4 /dev/vda rw
//
// A blank, a line feed and a backslash within a field are written as \040, \012 and \134.
//
// Source: proc_pid_mountinfo(5), since Linux 2.6.26.
func parseMounts(data []byte) (all []Mount, err error) {
	for line := range bytes.Lines(data) {
		m, ok := parseMount(string(bytes.TrimSuffix(line, []byte{'\n'})))
		if !ok {
			return all, figure.Malformed("/proc/PID/mountinfo", line)
		}
		all = append(all, m)
	}
	return all, nil
}

func parseMount(line string) (m Mount, ok bool) {
	front, back, ok := strings.Cut(line, " - ")
	fields, after := strings.Split(front, " "), strings.SplitN(back, " ", 3)
	if !ok || len(fields) < 6 || len(after) < 3 {
		return m, false
	}
	major, minor, _ := strings.Cut(fields[2], ":")
	id, idErr := strconv.ParseUint(fields[0], 10, 64)
	majorNumber, majorErr := strconv.ParseUint(major, 10, 32)
	minorNumber, minorErr := strconv.ParseUint(minor, 10, 32)
	if idErr != nil || majorErr != nil || minorErr != nil {
		return m, false
	}
	m = Mount{ID: id, Dev: unix.Mkdev(uint32(majorNumber), uint32(minorNumber)), Root: unescapeMount(fields[3]),
		Point: unescapeMount(fields[4]), Type: after[0]}
	if m.Type == "overlay" {
		m.options = unescapeMount(after[2])
		m.UpperDir = overlayOption(m.options, "upperdir=")
	}
	return m, true
}

// overlayOption returns an option of an overlay. A comma within it is written as "\,".
func overlayOption(options, name string) string {
	for _, option := range splitEscaped(options, ',') {
		if v, ok := strings.CutPrefix(option, name); ok {
			return strings.ReplaceAll(v, `\,`, ",")
		}
	}
	return ""
}

// unescapeMount replaces the octal escapes of a field.
func unescapeMount(field string) string {
	if !strings.Contains(field, `\`) {
		return field
	}
	var b strings.Builder
	for i := 0; i < len(field); i++ {
		if field[i] == '\\' && i+3 < len(field) {
			if n, err := strconv.ParseUint(field[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(field[i])
	}
	return b.String()
}
