package proc

import "testing"

// TestLocalOverlay checks that an overlay is local if its layers are on local file systems, and not if one may have to be waited for or
// is unknown.
func TestLocalOverlay(t *testing.T) {
	self, err := parseMounts([]byte(`20 1 254:0 / / rw - ext4 /dev/vda rw
21 20 254:1 / /docker rw - xfs /dev/vdb rw
22 20 0:50 / /stargz/snapshots/7/fs rw - fuse.rawBridge stargz rw
23 20 0:51 / /home rw - nfs4 server:/home rw
24 20 0:52 / /over rw - overlay overlay rw,lowerdir=/l,upperdir=/docker/u,workdir=/docker/w
25 20 0:53 / /remote rw - overlay overlay rw,lowerdir=/home/l,upperdir=/u,workdir=/w
26 20 0:54 / /self rw - overlay overlay rw,lowerdir=/self/l,upperdir=/self/u,workdir=/self/w
27 20 0:55 / /run rw - tmpfs tmpfs rw
`))
	if err != nil {
		t.Fatal(err)
	}
	table := NewMountTable(self)
	for options, want := range map[string]bool{
		// Docker's overlay2: with short names, as mountinfo shows them, and relative to its folder.
		"lowerdir=/docker/overlay2/l/A:/docker/overlay2/l/B,upperdir=/docker/o/c/diff,workdir=/docker/o/c/work": true,
		"lowerdir=l/A:l/B,upperdir=/docker/overlay2/c/diff,workdir=/docker/overlay2/c/work":                     true,
		// The snapshotters of containerd.
		"lowerdir=/containerd/s/6/fs:/containerd/s/5/fs,upperdir=/containerd/s/8/fs,workdir=/containerd/s/8/work": true,
		"lowerdir=6/fs:5/fs,upperdir=/containerd/s/8/fs,workdir=/containerd/s/8/work":                             true,
		"lowerdir=/stargz/snapshots/7/fs,upperdir=/stargz/snapshots/8/fs,workdir=/stargz/snapshots/8/work":        false,
		"lowerdir=/stargz/snapshots/7/fs/a,upperdir=/u,workdir=/w":                                                false,
		"lowerdir=/l:/stargz/snapshots/7/fs,upperdir=/u,workdir=/w":                                               false,
		"lowerdir=7/fs:6/fs,upperdir=/stargz/snapshots/8/fs,workdir=/stargz/snapshots/8/work":                     false,
		"lowerdir=6/fs,upperdir=/stargz/snapshots/8/fs,workdir=/stargz/snapshots/8/work":                          true,
		"lowerdir=/l,upperdir=/home/u,workdir=/home/w":                                                            false,
		"lowerdir=l,upperdir=/home/u,workdir=/home/w":                                                             false,
		"lowerdir=/homes/l,upperdir=/u,workdir=/w":                                                                true,
		"lowerdir=/l:/m":   true, // read-only
		"lowerdir=l/A:l/B": false,
		"lowerdir=/l::/home/data,upperdir=/u,workdir=/w":   false, // a layer of data only
		"lowerdir+=/l,lowerdir+=/m,upperdir=/u,workdir=/w": true,  // since Linux 6.5
		"lowerdir+=/l,lowerdir+=/home/m,upperdir=/u":       false,
		"lowerdir+=/l,datadir+=/home/m,upperdir=/u":        false,
		`lowerdir=/a\134:b,upperdir=/u,workdir=/w`:         true, // one folder, "/a:b"
		`lowerdir=/x\134:/home,upperdir=/u,workdir=/w`:     true, // one folder, "/x:/home"
		"lowerdir=/over/a,upperdir=/over/u":                true, // an overlay of an overlay
		"lowerdir=/remote/a,upperdir=/over/u":              false,
		"lowerdir=/self/a,upperdir=/self/u":                false, // what is below is not of this mount namespace
		"lowerdir=/run/a,upperdir=/run/u":                  true,
		"upperdir=/u,workdir=/w":                           false,
		"index=off":                                        false,
	} {
		m, ok := parseMount("30 20 0:60 / /m rw - overlay overlay rw," + options)
		if !ok {
			t.Fatal(options)
		}
		if got := table.Local(&m); got != want {
			t.Errorf("%s: %t", options, got)
		}
	}
	m, _ := parseMount("30 20 0:60 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/u")
	if NewMountTable(nil).Local(&m) {
		t.Error("no mount is known, and the overlay is local")
	}
	for _, m := range self[:4] {
		if want := m.Type == "ext4" || m.Type == "xfs"; table.Local(&m) != want {
			t.Errorf("%s: %t", m.Type, !want)
		}
	}
	if m := table.On("/dockers"); m == nil || m.ID != 20 {
		t.Errorf("%+v", m)
	}
	if m := table.On("/home/../home"); m == nil || m.ID != 23 {
		t.Errorf("%+v", m)
	}
}

func FuzzOverlayLayers(f *testing.F) {
	f.Add(`rw,lowerdir=l/A:/b\:c,upperdir=/u,workdir=/w`)
	f.Add(`lowerdir+=/l,datadir+=/d\,e`)
	f.Add(`lowerdir=\`)
	f.Fuzz(func(t *testing.T, options string) {
		for _, l := range overlayLayers(options) {
			if l.folder == "" {
				t.Errorf("%q has an empty folder", options)
			}
		}
	})
}
