package experiment

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// TestLikeMounts checks what twins get in place of each mount: nothing through which they could change the container's.
func TestLikeMounts(t *testing.T) {
	dir := t.TempDir()
	file, socket := filepath.Join(dir, "file"), filepath.Join(dir, "socket")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), unix.Mknod(socket, unix.S_IFIFO|0o600, 0)); err != nil {
		t.Fatal(err)
	}
	run, plain := filepath.Join(dir, "run"), filepath.Join(dir, `a:b,"c"`)
	if err := errors.Join(os.Mkdir(run, 0o700), os.Symlink("run", filepath.Join(dir, "link")), os.Mkdir(plain, 0o700),
		os.Symlink("../run/mysqld.sock", filepath.Join(plain, "link")),
		unix.Mknod(filepath.Join(run, "mysqld.sock"), unix.S_IFSOCK|0o600, 0)); err != nil {
		t.Fatal(err)
	}
	volume := filepath.Join(dir, "volume") // a link in place of a mount: both show the same files
	if err := os.Symlink("run", volume); err != nil {
		t.Fatal(err)
	}
	anonymous := strings.Repeat("0", 64)
	for _, c := range []struct {
		name    string
		mount   dockercli.Mount
		service Service
		flags   string
		by      document.Replacement // "" if it is not replaced
		because string
	}{
		{name: "a volume", mount: dockercli.Mount{Type: "volume", Name: "db", Source: "/v/db", Destination: "/data", RW: true},
			flags: "--volume /data", by: document.NewVolume},
		{name: "an anonymous volume", mount: dockercli.Mount{Type: "volume", Name: anonymous, Source: "/v/x", Destination: "/data", RW: true},
			flags: "--volume /data", by: document.NewVolume},
		{name: "a volume, copied", mount: dockercli.Mount{Type: "volume", Name: "db", Source: "/v/db", Destination: "/data", RW: true},
			service: Service{CopyVolumes: true}, flags: "--mount type=volume,target=/data,volume-nocopy", by: document.Copy},
		{name: "a read-only volume", mount: dockercli.Mount{Type: "volume", Name: "db", Source: plain, Destination: "/data"},
			service: Service{CopyVolumes: true}, flags: "--mount type=volume,source=db,target=/data,readonly"},
		{name: "a read-only file", mount: dockercli.Mount{Type: "bind", Source: file, Destination: "/data"},
			flags: "--mount type=bind,source=" + file + ",target=/data,readonly"},
		{name: "a read-only directory that this host does not show", mount: dockercli.Mount{Type: "bind", Source: dir + "/no",
			Destination: "/data"}, flags: "--volume /data", by: document.NewVolume, because: "could not be searched"},
		{name: "such a volume, copied", mount: dockercli.Mount{Type: "volume", Name: "db", Source: dir + "/no", Destination: "/data"},
			service: Service{CopyVolumes: true}, flags: "--mount type=volume,target=/data,volume-nocopy", by: document.Copy,
			because: "could not be searched"},
		{name: "a directory", mount: dockercli.Mount{Type: "bind", Source: dir, Destination: "/data", RW: true}, flags: "--volume /data",
			by: document.NewVolume},
		{name: "a directory that this host does not show", mount: dockercli.Mount{Type: "bind", Source: dir + "/no", Destination: "/data",
			RW: true}, flags: "--volume /data", by: document.NewVolume},
		{name: "a file", mount: dockercli.Mount{Type: "bind", Source: file, Destination: "/data", RW: true}, service: Service{CopyVolumes: true},
			flags: "--mount type=bind,source=" + file + ",target=/data,readonly", by: document.ReadOnly},
		{name: "a FIFO, as sockets and devices", mount: dockercli.Mount{Type: "bind", Source: socket, Destination: "/data", RW: true},
			by: document.NothingMounted},
		{name: "a read-only FIFO: writing to a socket needs no writable mount", mount: dockercli.Mount{Type: "bind", Source: socket,
			Destination: "/data"}, by: document.NothingMounted},
		{name: "a read-only directory with a socket of any service", mount: dockercli.Mount{Type: "bind", Source: dir + "/link",
			Destination: "/data"}, by: document.NothingMounted, because: "link/mysqld.sock"},
		{name: "a read-only directory with it below", mount: dockercli.Mount{Type: "bind", Source: filepath.Dir(dir), Destination: "/data"},
			by: document.NothingMounted, because: "it has a socket"},
		{name: "a read-only volume that binds the directory with it", mount: dockercli.Mount{Type: "volume", Name: "run",
			Source: volume, Destination: "/data"}, by: document.NothingMounted, because: "mysqld.sock"},
		{name: "a read-only directory with a colon, a comma and a quote", mount: dockercli.Mount{Type: "bind", Source: plain,
			Destination: "/data"}, flags: `--mount type=bind,"source=` + dir + `/a:b,""c""",target=/data,readonly`},
		{name: "a tmpfs of --mount", mount: dockercli.Mount{Type: "tmpfs", Destination: "/data", RW: true},
			flags: "--mount type=tmpfs,target=/data"},
		{name: "the user mounts something there", mount: dockercli.Mount{Type: "volume", Name: "db", Destination: "/data", RW: true},
			service: Service{Volumes: []string{"mine:/data/:ro"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var l flagList
			plan := newMountPlan(&c.service, dockercli.Docker)
			l.mounts(&dockercli.Container{Mounts: []dockercli.Mount{c.mount}}, plan)
			if got := strings.Join(l.flags, " "); got != c.flags || len(l.skipped) > 0 {
				t.Errorf("%s, skipped %q; wanted %s", got, l.skipped, c.flags)
			}
			var want []document.ReplacedMount
			if c.by != "" {
				want = []document.ReplacedMount{{Destination: "/data", Type: c.mount.Type, Source: c.mount.From(), By: c.by}}
			}
			for i := range plan.replaced {
				if got := plan.replaced[i].Because; !strings.Contains(got, c.because) || (got == "") != (c.because == "") {
					t.Errorf("because %q, wanted %q", got, c.because)
				}
				plan.replaced[i].Because = ""
			}
			if !slices.Equal(plan.replaced, want) {
				t.Errorf("%+v, wanted %+v", plan.replaced, want)
			}
			if from, copied := plan.sources["/data"]; copied != (c.by == document.Copy) || copied && from != c.mount.Source {
				t.Errorf("copied from %q", plan.sources)
			}
		})
	}
}

// TestFindSpecial checks the search for sockets and the like: it does not follow links, and a directory that it cannot search as a whole
// is not without them.
func TestFindSpecial(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b")
	if err := errors.Join(os.MkdirAll(deep, 0o700), os.WriteFile(filepath.Join(deep, "file"), nil, 0o600),
		os.Symlink("/dev/null", filepath.Join(deep, "link")), os.Symlink("/", filepath.Join(deep, "root"))); err != nil {
		t.Fatal(err)
	}
	if special, err := findSpecial(dir, 5); special != "" || err != nil {
		t.Errorf("none: %q, %v", special, err)
	}
	if special, err := findSpecial(dir, 4); special != "" || err == nil || err.Error() != "it has more than 4 files" {
		t.Errorf("too many: %q, %v", special, err)
	}
	if special, err := findSpecial(dir+"/no", 5); special != "" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("not there: %q, %v", special, err)
	}
	fifo := filepath.Join(deep, "fifo")
	if err := unix.Mknod(fifo, unix.S_IFIFO|0o600, 0); err != nil {
		t.Fatal(err)
	}
	if special, err := findSpecial(dir, 6); special != fifo || err != nil {
		t.Errorf("a FIFO: %q, %v", special, err)
	}
}

func TestMountsAt(t *testing.T) {
	for _, c := range []struct {
		service Service
		want    bool
	}{
		{Service{}, false},
		{Service{Volumes: []string{"/data"}}, true},
		{Service{Volumes: []string{"x:/data:ro"}}, true},
		{Service{Volumes: []string{"/data:/other"}}, false},
		{Service{Tmpfs: []string{"/data/:size=1m"}}, true},
		{Service{Mounts: []string{`type=bind,"source=/a,b",DST=/data`}}, true},
		{Service{Mounts: []string{"type=bind,source=/data,target=/x"}}, false},
		{Service{Mounts: []string{`"`}}, false},
	} {
		if got := c.service.mountsAt("/data"); got != c.want {
			t.Errorf("%+v: %t", c.service, got)
		}
	}
}

// TestCopies checks that only a new volume of the twin itself is written to.
func TestCopies(t *testing.T) {
	l := &like{name: "web", sources: map[string]string{"/data": "/v/db"},
		replaced: []document.ReplacedMount{{Destination: "/other", By: document.NewVolume}, {Destination: "/data", By: document.Copy}}}
	own := dockercli.Mount{Type: "volume", Name: strings.Repeat("0", 64), Source: "/v/new", Destination: "/data"}
	all, err := l.copies(&dockercli.Container{Mounts: []dockercli.Mount{own}})
	if err != nil || !slices.Equal(all, []volumeCopy{{from: "/v/db", to: "/v/new", destination: "/data"}}) {
		t.Errorf("%+v, %v", all, err)
	}
	named, bind := own, own
	named.Name, bind.Type = "db", "bind"
	for _, m := range []dockercli.Mount{named, bind, {}} {
		if all, err := l.copies(&dockercli.Container{Mounts: []dockercli.Mount{m}}); err == nil {
			t.Errorf("%+v: %+v", m, all)
		}
	}
}

// TestFits checks that the space for all volumes of all twins is asked for at once.
func TestFits(t *testing.T) {
	l := &like{name: "web"}
	root, data := filesystem{device: 1, free: 100 << 20}, filesystem{device: 2, free: 1000 << 20}
	copyOf := func(at string, size uint64) volumeCopy {
		return volumeCopy{to: "/v" + at, destination: at, bytes: size << 20}
	}
	for _, c := range []struct {
		name   string
		copies []volumeCopy
		on     []filesystem
		twins  int
		want   string // of the error; "" for none
	}{
		{"nothing to copy", nil, nil, 3, ""},
		{"as much as there is", []volumeCopy{copyOf("/a", 100)}, []filesystem{root}, 1, ""},
		{"one is too big", []volumeCopy{copyOf("/a", 101)}, []filesystem{root}, 1,
			"copying what web has at /a: it takes 101 MiB, and /v/a has 100 MiB left"},
		{"each fits, and both do not", []volumeCopy{copyOf("/a", 60), copyOf("/b", 60)}, []filesystem{root, root}, 1,
			"copying what web has at /a, /b: it takes 120 MiB, and /v/b has 100 MiB left"},
		{"they are on two filesystems", []volumeCopy{copyOf("/a", 60), copyOf("/b", 60)}, []filesystem{root, data}, 1, ""},
		{"one twin fits, and three do not", []volumeCopy{copyOf("/a", 60)}, []filesystem{root}, 3,
			"it takes 180 MiB for 3 twins, and /v/a has 100 MiB left"},
	} {
		err := l.fits(c.copies, c.on, c.twins)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestCheckSpace checks that sizes are measured, and that the twins that have their copies already are not counted again.
func TestCheckSpace(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(from, "file"), make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	x := &experiment{image: image{like: &like{name: "web"}}}
	copies := []volumeCopy{{from: from, to: to, destination: "/a"}, {from: from, to: to, destination: "/b"}}
	if err := x.checkSpace(t.Context(), copies); err != nil || copies[0].bytes < 1<<20 || copies[1].bytes != copies[0].bytes {
		t.Errorf("%+v, %v", copies, err)
	}
	on, err := filesystemOf(to)
	if err != nil {
		t.Fatal(err)
	}
	x.Actions = make([]Action, on.free/(1<<20)) // more than there is space for
	if err := x.checkSpace(t.Context(), copies); err == nil || !strings.Contains(err.Error(), "twins") {
		t.Errorf("%v", err)
	}
	x.copied = len(x.Actions) - 1
	if err := x.checkSpace(t.Context(), copies); err != nil {
		t.Error(err)
	}
	for i, c := range []volumeCopy{{from: from + "/no", to: to}, {from: from, to: to + "/no"}} {
		if err := x.checkSpace(t.Context(), []volumeCopy{copies[0], c}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

func TestDiskUsage(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := errors.Join(os.WriteFile(file, make([]byte, 1<<20), 0o600), os.Link(file, filepath.Join(dir, "again"))); err != nil {
		t.Fatal(err)
	}
	if n, err := diskUsage(t.Context(), dir); err != nil || n < 1<<20 || n > 3<<19 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := diskUsage(t.Context(), dir+"/no"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// TestEnded checks that the error about a twin that has ended says what it lacked.
func TestEnded(t *testing.T) {
	web := func(by document.Replacement) image {
		return image{like: &like{name: "web", replaced: []document.ReplacedMount{{Destination: "/data", By: by}}}}
	}
	for _, c := range []struct {
		name       string
		image      image
		says, next string
	}{
		{"a new volume", web(document.NewVolume), "a new volume at /data, without the content that web has there", "--copy-volumes"},
		{"nothing", web(document.NothingMounted), "nothing at /data", "--volume SOURCE:PATH"},
		{"a copy", web(document.Copy), "exit code 1", "neither the network"},
		{"an image", image{reference: "my/app"}, "exit code 1", "-e NAME=VALUE"},
	} {
		err := endedAtOnce(c.image, 1, "")
		if !strings.Contains(err.Error(), c.says) || !strings.Contains(fault.Hint(err), c.next) {
			t.Errorf("%s: %v; next: %s", c.name, err, fault.Hint(err))
		}
	}
}
