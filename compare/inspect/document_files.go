package inspect

import (
	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// filesOf adds the files in the container's memory.
func (a *account) filesOf(doc *document.InspectedMemory, rows []memory.Row) {
	if a.files == nil {
		withoutFiles(doc, value.NotMeasured, "not asked for with --files")
		return
	}
	if err := a.files.err; err != nil {
		withoutFiles(doc, a.files.reason, value.Clean(err.Error()))
		return
	}
	named := memory.NameFiles(a.files.files, rows, a.most)
	doc.Files = value.Known(a.fileRows(named.Files))
	doc.FilesElsewhere = value.Known(a.fileRows(named.Elsewhere))
	doc.FilesUnnamed = named.Unnamed()
	doc.FilesRest = value.Known([]document.FilesRest{filesRest(memory.File, named.File), filesRest(memory.Shmem, named.Shmem)})
	doc.FilesNotWalked = value.Known(append([]string{}, a.files.notWalked...))
}

// withoutFiles says why there are no files.
func withoutFiles(doc *document.InspectedMemory, reason value.Reason, detail string) {
	doc.Files = value.Absent[[]document.File](reason, detail)
	doc.FilesElsewhere = value.Absent[[]document.File](reason, detail)
	doc.FilesUnnamed = value.Absent[int64](reason, detail)
	doc.FilesRest = value.Absent[[]document.FilesRest](reason, detail)
	doc.FilesNotWalked = value.Absent[[]string](reason, detail)
}

func filesRest(row string, n memory.Named) document.FilesRest {
	return document.FilesRest{Row: row, MoreFiles: n.More, MoreBytes: n.Rest, UnnamedBytes: n.Unnamed}
}

func (a *account) fileRows(files []memory.CachedFile) []document.File {
	all := []document.File{}
	for i := range files {
		f := &files[i]
		d := document.File{Path: value.Clean(f.Path), Kind: f.Kind, Bytes: f.Bytes(), DirtyBytes: f.Dirty,
			MappedBy: []document.FileProcess{}, UsedBy: append([]string{}, f.UsedBy...),
			ChargedToOther: []document.FileCharge{}}
		if d.Kind == "" {
			d.Kind, d.Volume = a.files.kinds.of(f.Path)
			f.Kind = d.Kind
		}
		d.Row = f.Row()
		for _, p := range f.MappedBy {
			d.MappedBy = append(d.MappedBy, document.FileProcess{PID: p.PID, Command: value.Clean(p.Command)})
		}
		for _, c := range f.ChargedToOther {
			d.ChargedToOther = append(d.ChargedToOther, document.FileCharge{Container: value.Clean(c.Container),
				Cgroup: value.Clean(c.Cgroup), Above: c.Above, Bytes: c.Bytes})
		}
		all = append(all, d)
	}
	return all
}
