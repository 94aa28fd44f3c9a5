package acceptance

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"
)

// The kernel says of each page of the machine which cgroup it is charged to and what it is: a truth that does not depend on
// memory.stat, nor on haltscope. Source: Documentation/admin-guide/mm/pagemap.rst; include/uapi/linux/kernel-page-flags.h.
const (
	kpfUptodateOrLRU = 1<<3 | 1<<5 // it holds data
	kpfDirty         = 1 << 4
	kpfSlab          = 1 << 7
	kpfAnon          = 1 << 12
	kpfSwapBacked    = 1 << 14
	kpfCompoundTail  = 1 << 16
	kpfHuge          = 1 << 17
	kpfTHP           = 1 << 22
	kpfPgtable       = 1 << 26
)

// pageKinds counts the bytes of pages that are charged to some cgroups, by the kind of row of haltscope's breakdown.
func pageKinds(inodes map[uint64]bool) (map[string]int64, error) {
	cgroups, err := os.Open("/proc/kpagecgroup")
	if err != nil {
		return nil, err
	}
	defer cgroups.Close()
	flags, err := os.Open("/proc/kpageflags")
	if err != nil {
		return nil, err
	}
	defer flags.Close()
	kinds := map[string]int64{}
	var c, f [8 << 15]byte
	var headCgroup, headFlags uint64
	for {
		n, err := io.ReadFull(cgroups, c[:])
		m, flagsErr := io.ReadFull(flags, f[:])
		for i := 0; i+8 <= min(n, m); i += 8 {
			cgroup, flag := binary.NativeEndian.Uint64(c[i:]), binary.NativeEndian.Uint64(f[i:])
			if flag&kpfCompoundTail == 0 {
				headCgroup, headFlags = cgroup, flag
			} else {
				flag |= headFlags
				if cgroup == 0 { // Linux 6.1 names only the head's
					cgroup = headCgroup
				}
			}
			if !inodes[cgroup] {
				continue
			}
			kind := pageKind(flag)
			if kinds[kind] += pageSize; kind == "file" && flag&kpfDirty != 0 {
				kinds["dirty"] += pageSize
			}
		}
		switch {
		case atEnd(err) || atEnd(flagsErr):
			return kinds, nil
		case err != nil || flagsErr != nil:
			return nil, errors.Join(err, flagsErr)
		}
	}
}

func atEnd(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

func pageKind(flags uint64) string {
	switch {
	case flags&kpfPgtable != 0:
		return "pagetables"
	case flags&(kpfSlab|kpfHuge) != 0:
		return "other"
	case flags&kpfAnon != 0 && flags&kpfTHP != 0:
		return "anon_thp"
	case flags&kpfAnon != 0:
		return "anon"
	case flags&kpfUptodateOrLRU == 0:
		return "other"
	case flags&kpfSwapBacked != 0:
		return "shmem"
	}
	return "file"
}

// pagesCmd implements pages FILE: each row of the breakdown of the container in a document of haltscope inspect must agree with the pages
// that are charged to it, within what the kernel charges in advance.
func pagesCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: pages FILE")
	}
	c := gjson.Get(ts.ReadFile(args[0]), "containers.0")
	folder := strings.Replace(c.Get("cgroup.path").String(), "/freezer/", "/memory/", 1)
	inodes := map[uint64]bool{}
	ts.Check(filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			inodes[info.Sys().(*syscall.Stat_t).Ino] = true
		}
		return err
	}))
	truth, err := pageKinds(inodes)
	ts.Check(err)
	ts.Logf("pages by kind: %v", truth)
	batch := c.Get("memory.batch_bytes").Int()
	for _, kind := range []string{"anon", "anon_thp", "file", "shmem", "pagetables"} {
		row := c.Get(fmt.Sprintf("memory.ledger.#(kind==%q).bytes", kind))
		if !row.Exists() && kind == "pagetables" {
			continue // cgroup v1 does not tell
		}
		if row.Type != gjson.Number {
			ts.Fatalf("%s is %s", kind, row)
		}
		if off := row.Int() - truth[kind]; off > batch || off < -batch {
			ts.Fatalf("%s is %d, and the pages are %d: more than %d apart", kind, row.Int(), truth[kind], batch)
		}
	}
	// What was named, and what was not, is the whole of both rows; and no more is named than there is.
	sum := c.Get("memory.files_unnamed_bytes").Int() + total(c.Get("memory.files.#.bytes")) + total(c.Get("memory.files_rest.#.more_bytes"))
	whole := c.Get(`memory.ledger.#(kind=="file").bytes`).Int() + c.Get(`memory.ledger.#(kind=="shmem").bytes`).Int()
	if sum != whole {
		ts.Fatalf("the files and the rest are %d, and their rows %d", sum, whole)
	}
	if dirty := total(c.Get("memory.files.#.dirty_bytes")); dirty > truth["file"] {
		ts.Fatalf("%d are dirty, of %d", dirty, truth["file"])
	}
}

// total adds up numbers.
func total(numbers gjson.Result) (sum int64) {
	for _, n := range numbers.Array() {
		sum += n.Int()
	}
	return sum
}
