package proc

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/internal/figuretest"
)

func TestParseMounts(t *testing.T) {
	got, err := parseMounts([]byte(`1021 820 0:57 / / rw master:240 - overlay overlay rw,lowerdir=/l/B,upperdir=/a\134,b\040c/diff,workdir=/w
1022 1021 0:60 / /proc rw - proc proc rw
1030 1021 254:0 /v/d/_data /data\040\012\134x rw,relatime shared:3 master:1 - ext4 /dev/vda rw
1031 1021 0:70 / /f rw - fuse.sshfs host:/ rw
`))
	want := []Mount{
		{ID: 1021, Dev: unix.Mkdev(0, 57), Root: "/", Point: "/", Type: "overlay", UpperDir: "/a,b c/diff",
			options: `rw,lowerdir=/l/B,upperdir=/a\,b c/diff,workdir=/w`},
		{ID: 1022, Dev: unix.Mkdev(0, 60), Root: "/", Point: "/proc", Type: "proc"},
		{ID: 1030, Dev: unix.Mkdev(254, 0), Root: "/v/d/_data", Point: "/data \n\\x", Type: "ext4"},
		{ID: 1031, Dev: unix.Mkdev(0, 70), Root: "/", Point: "/f", Type: "fuse.sshfs"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"\n", "1 2 0:1 / / rw\n", "1 2 0:1 / / rw - ext4\n",
		"x 2 0:1 / / rw - ext4 a rw\n", "1 2 01 / / rw - ext4 a rw\n"} {
		if got, err := parseMounts([]byte(bad)); err == nil {
			t.Errorf("%q: %+v", bad, got)
		}
	}
}

// TestMountsRecorded checks that the root of each recorded container is an overlay whose upper folder is known, and local.
func TestMountsRecorded(t *testing.T) {
	host := NewMountTable([]Mount{{Point: "/", Type: "ext4"}})
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		mounts, err := parseMounts(figuretest.Read(t, dir, "mountinfo"))
		if err != nil {
			t.Fatal(err)
		}
		root := slices.IndexFunc(mounts, func(m Mount) bool { return m.Point == "/" })
		if root < 0 || mounts[root].Type != "overlay" || mounts[root].UpperDir == "" || !host.Local(&mounts[root]) {
			t.Errorf("%+v", mounts)
		}
	})
}

func FuzzParseMounts(f *testing.F) {
	figuretest.Seed(f, "mountinfo")
	f.Add([]byte(`1 2 0:57 / / rw - overlay overlay rw,upperdir=a\`))
	f.Add([]byte(`1 2 0:57 / \04 rw - overlay overlay upperdir=\134`))
	f.Fuzz(func(t *testing.T, data []byte) { parseMounts(data) })
}
