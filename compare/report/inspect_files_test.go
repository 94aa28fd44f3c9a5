package report

import (
	"strings"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// withFiles returns the document of a container with files in its memory.
func withFiles() *document.Inspect {
	d := inspected()
	c := &d.Containers[0]
	c.Agreement, c.Findings, c.Processes, c.Explanation = nil, nil, nil, nil
	m := &c.Memory
	m.Ledger = []document.HeldRow{{Group: "file", Kind: "file", Bytes: value.Known[int64](10 << 20)},
		{Group: "shmem", Kind: "shmem", Bytes: value.Known[int64](3 << 20)}}
	m.Files = value.Known([]document.File{
		{Path: "/data/db", Kind: "volume", Volume: "shop", Row: "file", Bytes: 6 << 20, DirtyBytes: 1 << 20, MappedBy: []document.FileProcess{
			{PID: 10, Command: "db"}, {PID: 11, Command: "db"}, {PID: 12, Command: "db"}}, UsedBy: []string{"web"}},
		{Path: "memfd:cache", Kind: "memfd", Row: "shmem", Bytes: 3 << 20},
	})
	m.FilesRest = value.Known([]document.FilesRest{{Row: "file", MoreFiles: 2, MoreBytes: 3 << 20, UnnamedBytes: value.Known[int64](1 << 20)},
		{Row: "shmem", UnnamedBytes: value.Known[int64](0)}})
	m.FilesUnnamed = value.Known[int64](1 << 20)
	m.FilesElsewhere = value.Known([]document.File{{Path: "/lib/libc.so", ChargedToOther: []document.FileCharge{
		{Container: "web", Cgroup: "/sys/fs/cgroup/docker/1", Bytes: 4096}, {Cgroup: "/sys/cg/docker", Above: true, Bytes: 8192},
		{Cgroup: "/sys/cg/user", Bytes: 4096}, {Bytes: 4096}}}})
	m.FilesNotWalked = value.Known([]string{"the files of /nfs (nfs4): its file system may keep haltscope waiting"})
	return d
}

// TestInspectFiles checks that the rows of files add up in the table, and that what was not looked at is told.
func TestInspectFiles(t *testing.T) {
	checkTable(t, withFiles(), `web  c0ffeec0ffee  paused, frozen for 4.00 s: Docker and the kernel agree on 0 checks

 Memory: 3 MiB charged
  page cache                10 MiB
  shared memory, tmpfs       3 MiB

 Files in memory: 12 MiB of 13 MiB named
                                bytes  dirty  kind         mapped by                 also used by
  ─
  page cache                   10 MiB
    /data/db                    6 MiB  1 MiB  volume shop  10 (db), 11 (db), 1 more  web
    2 more files                3 MiB
    in no file that was found   1 MiB
  shared memory, tmpfs          3 MiB
    memfd:cache                 3 MiB         memfd
  files that are used here, and charged to others:
    /lib/libc.so: 4 KiB to web, 8 KiB to /sys/cg/docker (left by containers that ended), 4 KiB to cgroup /sys/cg/user, 4 KiB to no cgroup
  not looked at: the files of /nfs (nfs4): its file system may keep haltscope waiting
  -v shows each check, all holders and the evidence
`)
}

// TestInspectFilesUnknown checks that nothing is said about files that were not asked for, and why there are none otherwise.
func TestInspectFilesUnknown(t *testing.T) {
	for reason, want := range map[value.Reason]string{value.NotMeasured: "",
		value.Unsupported: "not known: unsupported: no /proc/kpagecgroup", value.Vanished: "not known: gone"} {
		d := withFiles()
		d.Containers[0].Memory.Files = value.Absent[[]document.File](reason, "no /proc/kpagecgroup")
		var b strings.Builder
		if err := Table(&b, d, TableOptions{}); err != nil {
			t.Fatal(err)
		}
		if shown := strings.Contains(b.String(), "Files in memory"); shown != (want != "") || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %s", reason, &b)
		}
	}
}

// TestInspectNoFiles checks that a container to which no file is charged has no empty table.
func TestInspectNoFiles(t *testing.T) {
	d := withFiles()
	m := &d.Containers[0].Memory
	m.Ledger = []document.HeldRow{{Group: "file", Kind: "file", Bytes: value.Known[int64](0)}}
	m.Files, m.FilesUnnamed = value.Known([]document.File{}), value.Known[int64](0)
	m.FilesRest = value.Known([]document.FilesRest{{Row: "file", UnnamedBytes: value.Known[int64](0)}})
	m.FilesElsewhere, m.FilesNotWalked = value.Known([]document.File{}), value.Known([]string{})
	checkTable(t, d, `web  c0ffeec0ffee  paused, frozen for 4.00 s: Docker and the kernel agree on 0 checks

 Memory: 3 MiB charged

 Files in memory
  no page cache and no shared memory is charged to it
  -v shows each check, all holders and the evidence
`)
}
