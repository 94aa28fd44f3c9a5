package report

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// fileKinds are the kinds of files, for people.
var fileKinds = map[string]string{"image-layer": "image layer", "writable-layer": "writable layer", "volume": "volume",
	"bind-mount": "bind mount", "tmpfs": "tmpfs", "deleted": "deleted, still in use", "memfd": "memfd", "sysv": "SysV segment",
	"shared-anonymous": "no file", "runtime": "the runtime's program", "other": "other"}

func fileKind(f *document.File) string {
	kind, ok := fileKinds[f.Kind]
	if !ok {
		kind = f.Kind
	}
	return strings.TrimSpace(kind + " " + f.Volume)
}

// files adds the files in a container's memory, if they were asked for. Elsewhere is how many it lists of those that others are charged
// for.
func (p *page) files(m *document.InspectedMemory, elsewhere int) {
	files, ok := m.Files.Get()
	switch {
	case !ok && m.Files.Reason() == value.NotMeasured:
		return
	case !ok:
		p.part("Files in memory")
		p.line(2, "not known: "+why(m.Files))
		return
	}
	p.part("Files in memory" + filesNamed(m))
	g := &grid{header: []string{"", "bytes", "dirty", "kind", "mapped by", "also used by"}, right: []int{1, 2}, wide: []int{0, 3, 4, 5},
		limit: 140}
	rests, _ := m.FilesRest.Get()
	for i := range rests {
		fileRows(g, m, files, &rests[i])
	}
	if !slices.ContainsFunc(files, func(f document.File) bool { return len(f.UsedBy) > 0 }) {
		g = g.without(5)
	}
	if len(g.rows) > 0 {
		p.gridOf(2, g)
	} else {
		p.line(2, "no page cache and no shared memory is charged to it")
	}
	p.filesElsewhere(m, elsewhere)
	if missed, ok := m.FilesNotWalked.Get(); ok {
		for _, text := range missed {
			p.line(2, "not looked at: "+text)
		}
	}
}

// filesNamed says how much of page cache and shared memory the files are.
func filesNamed(m *document.InspectedMemory) string {
	whole, unnamed := int64(0), int64(0)
	if v, ok := m.FilesUnnamed.Get(); ok {
		unnamed = v
	} else {
		return ""
	}
	for i := range m.Ledger {
		if v, ok := m.Ledger[i].Bytes.Get(); ok && (m.Ledger[i].Kind == "file" || m.Ledger[i].Kind == "shmem") {
			whole += v
		}
	}
	if whole <= 0 {
		return ""
	}
	return fmt.Sprintf(": %s of %s named", value.Bytes(max(0, whole-max(0, unnamed))), value.Bytes(whole))
}

// fileRows adds a row of the breakdown, its largest files, and the rest, which add up.
func fileRows(g *grid, m *document.InspectedMemory, files []document.File, rest *document.FilesRest) {
	var total value.Maybe[int64]
	for i := range m.Ledger {
		if m.Ledger[i].Kind == rest.Row {
			total = m.Ledger[i].Bytes
		}
	}
	if v, ok := total.Get(); ok && v == 0 {
		return
	}
	g.row(rowTitle(rest.Row), size(total), "", "", "", "")
	for i := range files {
		f := &files[i]
		if f.Row != rest.Row {
			continue
		}
		dirty := ""
		if f.DirtyBytes > 0 {
			dirty = value.Bytes(f.DirtyBytes)
		}
		g.row("  "+f.Path, value.Bytes(f.Bytes), dirty, fileKind(f), mappersCell(f), strings.Join(f.UsedBy, ", "))
	}
	if rest.MoreFiles > 0 {
		g.row("  "+value.Count(rest.MoreFiles, "more file", "more files"), value.Bytes(rest.MoreBytes), "", "", "", "")
	}
	if v, ok := rest.UnnamedBytes.Get(); !ok || v != 0 {
		g.row("  in no file that was found", size(rest.UnnamedBytes), "", "", "", "")
	}
}

// maxMappers bounds the processes in a cell.
const maxMappers = 2

func mappersCell(f *document.File) string {
	var all []string
	for _, m := range f.MappedBy[:min(len(f.MappedBy), maxMappers)] {
		all = append(all, fmt.Sprintf("%d (%s)", m.PID, m.Command))
	}
	if more := len(f.MappedBy) - maxMappers; more > 0 {
		all = append(all, fmt.Sprintf("%d more", more))
	}
	return strings.Join(all, ", ")
}

// filesElsewhere adds a line for each file that the container uses and others are charged for.
func (p *page) filesElsewhere(m *document.InspectedMemory, most int) {
	files, _ := m.FilesElsewhere.Get()
	if len(files) == 0 {
		return
	}
	p.line(2, "files that are used here, and charged to others:")
	for i := range files[:min(len(files), most)] {
		var to []string
		for _, c := range files[i].ChargedToOther {
			to = append(to, value.Bytes(c.Bytes)+" to "+chargedTo(&c))
		}
		p.line(4, files[i].Path+": "+strings.Join(to, ", "))
	}
	if more := len(files) - most; more > 0 {
		p.line(4, "and "+value.Count(more, "more file", "more files"))
	}
}

// chargedTo names who is charged for a part of a file.
func chargedTo(c *document.FileCharge) string {
	switch {
	case c.Container != "":
		return c.Container
	case c.Cgroup == "":
		return "no cgroup"
	case c.Above:
		return c.Cgroup + " (left by containers that ended)"
	}
	return "cgroup " + c.Cgroup
}
