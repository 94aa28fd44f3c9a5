package inspect

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

// TestReasonOfNoFiles checks that a kernel that has no list of pages, one that refuses it and a failure are three reasons.
func TestReasonOfNoFiles(t *testing.T) {
	for want, errs := range map[value.Reason][]error{
		value.Unsupported: {&os.PathError{Err: unix.ENOENT}, fmt.Errorf("madvise: %w", errors.ErrUnsupported)},
		value.Denied:      {&os.PathError{Err: unix.EACCES}, &os.PathError{Err: unix.EPERM}, fmt.Errorf("a file: %w", proc.ErrFramesHidden)},
		value.Failed:      {&os.PathError{Err: unix.EMFILE}, unix.EINVAL},
	} {
		for _, err := range errs {
			if got := reasonOf(err); got != want {
				t.Errorf("%v: %s, want %s", err, got, want)
			}
		}
	}
}

// TestDocumentOfFiles checks that a document has the files, or the reason why there are none: not asked for, ended, failed.
func TestDocumentOfFiles(t *testing.T) {
	var doc document.InspectedMemory
	a := &account{Target: &target.Target{}}
	if a.filesOf(&doc, nil); doc.Files.Reason() != value.NotMeasured || doc.FilesUnnamed.Reason() != value.NotMeasured {
		t.Errorf("not asked for: %+v", doc.Files)
	}
	facts := findFiles(t.Context(), nil, nil, a)
	if a.files = &facts; facts.err == nil {
		t.Error("a container without a cgroup has files")
	}
	if a.filesOf(&doc, nil); doc.Files.Reason() != value.Vanished || doc.FilesRest.Reason() != value.Vanished {
		t.Errorf("ended: %+v", doc.Files)
	}
	a.most = 5
	a.files = &fileFacts{files: []memory.CachedFile{{Path: "/a\x1b", File: 10, MappedBy: []memory.Process{{PID: 3, Command: "c\n"}},
		UsedBy: []string{"web"}, ChargedToOther: []memory.Charge{{Cgroup: "/x\x1b", Bytes: 5}}}}}
	a.filesOf(&doc, []memory.Row{{Kind: memory.File, Group: memory.File, Bytes: value.Known[int64](12)},
		{Kind: memory.Shmem, Group: memory.Shmem, Bytes: value.Known[int64](0)}})
	files, _ := doc.Files.Get()
	if len(files) != 1 || files[0].Path != "/a␛" || files[0].Kind != memory.OtherFile || files[0].Row != memory.File ||
		files[0].MappedBy[0].Command != "c␊" || files[0].ChargedToOther[0].Cgroup != "/x␛" {
		t.Errorf("%+v", files)
	}
	if unnamed, ok := doc.FilesUnnamed.Get(); !ok || unnamed != 2 {
		t.Errorf("%+v", doc.FilesUnnamed)
	}
	if missed, ok := doc.FilesNotWalked.Get(); !ok || missed == nil {
		t.Errorf("%+v", doc.FilesNotWalked)
	}
}

// TestUnknownCharge checks that a file of which it is not known whom a part is charged to is told, with what is known of it.
func TestUnknownCharge(t *testing.T) {
	s := newFileSearch(nil, nil, nil)
	files := []*cachedFile{{path: "/a"}, {path: "/b"}}
	s.counted(files, []cgroupfs.FileCount{{File: 4096, Unknown: 8192}, {Shmem: 1}})
	if s.failed[errUnknownCharge.Error()] != 1 || len(s.failed) != 1 || s.named != 4097 || files[0].count.File != 4096 {
		t.Errorf("%v, %d, %+v", s.failed, s.named, files[0])
	}
}
