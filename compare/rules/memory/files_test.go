package memory

import (
	"slices"
	"testing"

	"haltscope/compare/value"
)

// TestNameFiles checks that the largest files, the rest and what is not named add up to each row.
func TestNameFiles(t *testing.T) {
	rows := []Row{{Kind: Anon, Group: Anon, Bytes: value.Known[int64](1 << 30)}, {Kind: File, Group: File, Bytes: value.Known[int64](1000)},
		{Kind: Shmem, Group: Shmem, Bytes: value.Known[int64](500)}}
	all := []CachedFile{
		{Path: "/small", File: 10}, {Path: "/big", File: 600, Dirty: 5}, {Path: "/b", File: 100}, {Path: "/a", File: 100},
		{Path: "/dev/shm/x", Kind: Tmpfs, Shmem: 500},
		{Path: "/other", ChargedToOther: []Charge{{Container: "web", Bytes: 40}, {Cgroup: "/docker", Bytes: 2}}},
	}
	paths := func(files []CachedFile) (all []string) {
		for _, f := range files {
			all = append(all, f.Path)
		}
		return all
	}
	for name, test := range map[string]struct {
		most                 int
		here                 []string
		moreFiles, moreShmem int
		rest, restShmem      uint64
	}{
		"all":  {9, []string{"/big", "/dev/shm/x", "/a", "/b", "/small"}, 0, 0, 0, 0},
		"two":  {2, []string{"/big", "/dev/shm/x"}, 3, 0, 210, 0},
		"one":  {1, []string{"/big"}, 3, 1, 210, 500},
		"none": {0, nil, 4, 1, 810, 500},
	} {
		t.Run(name, func(t *testing.T) {
			n := NameFiles(all, rows, test.most)
			if !slices.Equal(paths(n.Files), test.here) {
				t.Errorf("%q", paths(n.Files))
			}
			if n.File.More != test.moreFiles || n.File.Rest != test.rest || n.Shmem.More != test.moreShmem || n.Shmem.Rest != test.restShmem {
				t.Errorf("%+v", n)
			}
			for row, named := range map[string]Named{File: n.File, Shmem: n.Shmem} {
				unnamed, known := named.Unnamed.Get()
				sum := unnamed + int64(named.Rest)
				for _, f := range n.Files {
					if f.Row() == row {
						sum += int64(f.Bytes())
					}
				}
				if whole, _ := Sum(rows, row).Get(); !known || sum != whole {
					t.Errorf("%s: %d of %d", row, sum, whole)
				}
			}
			if unnamed, ok := n.Unnamed().Get(); !ok || unnamed != 190 {
				t.Errorf("unnamed: %d, %t", unnamed, ok)
			}
			if test.most > 0 && (!slices.Equal(paths(n.Elsewhere), []string{"/other"}) || n.Elsewhere[0].Other() != 42) {
				t.Errorf("elsewhere: %+v", n.Elsewhere)
			}
		})
	}
}

// TestNameFilesWithoutRow checks that what is not named is not known if the row is not.
func TestNameFilesWithoutRow(t *testing.T) {
	rows := []Row{{Kind: File, Group: File, Bytes: value.Absent[int64](value.Denied, "no")},
		{Kind: Shmem, Group: Shmem, Bytes: value.Known[int64](5)}}
	n := NameFiles([]CachedFile{{Path: "/a", File: 10}}, rows, 5)
	if n.File.Unnamed.Reason() != value.Denied || n.Unnamed().Reason() != value.Denied {
		t.Errorf("%+v", n)
	}
}
