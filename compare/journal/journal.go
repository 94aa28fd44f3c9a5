// Package journal keeps the lines of a watch in files, for haltscope to read when a container has ended.
//
// A journal is a folder of files, watch-00000001.jsonl and so on, each of JSON lines in the order in which the watch wrote them.
// Further lines go to the last file. A file that is full is followed by another one, and the oldest are removed, so that all
// together never take more than [MaxBytes].
//
// A line is one write. A watch that is killed leaves whole lines, or a last one that is cut, which readers skip: the next watch
// begins another file then. [Writer.Sync] has the lines reach the disk.
//
// No library does this: lumberjack v2.2 makes folders that everybody can read, appends to a cut line, bounds the number of files
// and not their size, orders them by a clock that may be set, never syncs, and lets two processes write to the same file.
package journal

import (
	"cmp"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
)

// DefaultDir is the journal of the systemd unit.
const DefaultDir = "/var/lib/haltscope"

// MaxBytes is how much all files of a journal hold at most.
const MaxBytes = 64 << 20

// fileBytes is how much a file holds at most, unless a single line is longer.
const fileBytes = MaxBytes / 8

// file is a file of a journal.
type file struct {
	name   string
	number int
	size   int64
}

var fileName = regexp.MustCompile(`^watch-([0-9]{8,18})\.jsonl$`)

// files returns the files of a journal, the oldest first.
func files(folder fs.FS) ([]file, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	var all []file
	for _, e := range entries {
		m := fileName.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		number, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // the watch has removed it
		}
		if err != nil {
			return nil, err
		}
		all = append(all, file{e.Name(), number, info.Size()})
	}
	slices.SortFunc(all, func(a, b file) int { return cmp.Compare(a.number, b.number) })
	return all, nil
}
