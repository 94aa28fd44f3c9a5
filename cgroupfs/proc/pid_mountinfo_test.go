package proc

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

func TestParseMountinfo(t *testing.T) {
	overlay := "73 49 0:39 / / rw - overlay overlay rw,lowerdir=" + strings.Repeat("/layer:", 1<<15) + "\n"
	mounts, err := parseMountinfo([]byte(overlay +
		"75 73 0:43 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755\n" +
		"76 73 0:44 / /a\\040b rw shared:1 master:2 - tmpfs none rw\n" +
		"77 73 0:45 / /c\\040-\\040tmpfs\\040 rw - ext4 /dev/vda rw\n" +
		"78 73 0:43 /null /proc/keys rw - tmpfs tmpfs rw"))
	want := []Tmpfs{
		{MountPoint: "/dev", Dev: unix.Mkdev(0, 43), mountID: 75},
		{MountPoint: "/a b", Dev: unix.Mkdev(0, 44), mountID: 76},
		{MountPoint: "/proc/keys", Dev: unix.Mkdev(0, 43), mountID: 78},
	}
	if err != nil || len(mounts) != len(want) {
		t.Fatalf("%+v, %v", mounts, err)
	}
	for i := range want {
		if mounts[i] != want[i] {
			t.Errorf("%+v, want %+v", mounts[i], want[i])
		}
	}
	for _, text := range []string{" - tmpfs ", "75 73 0:43 / /dev - tmpfs ", "75 73 43 / /dev rw,nosuid - tmpfs tmpfs rw"} {
		if mounts, err := parseMountinfo([]byte(text)); err == nil {
			t.Errorf("%q was accepted: %+v", text, mounts)
		}
	}
	if mounts, err := parseMountinfo(nil); err != nil || len(mounts) != 0 {
		t.Errorf("empty: %+v, %v", mounts, err)
	}
}

// Docker mounts /dev and /dev/shm in a container. This one was started with /cache as well.
func TestTmpfsRecorded(t *testing.T) {
	figuretest.Recorded(t, func(t *testing.T, dir string, v2, paused bool) {
		mounts, err := parseMountinfo(figuretest.Read(t, dir, "mountinfo"))
		if err != nil {
			t.Fatal(err)
		}
		devices := map[string]uint64{}
		for _, m := range mounts {
			devices[m.MountPoint] = m.Dev
		}
		for _, point := range []string{"/dev", "/dev/shm", "/cache"} {
			if devices[point] == 0 {
				t.Errorf("%s is not in %+v", point, mounts)
			}
		}
	})
}

// A process in its own mount namespace: a tmpfs that is mounted twice is listed once, and one that another mount
// covers is not measured.
func TestTmpfsMounts(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounting needs root")
	}
	dir := t.TempDir()
	cmd := exec.Command("unshare", "--mount", "--propagation", "private", "sh", "-ec", `
		cd "$1"
		mkdir full bound covered endless real
		mount -t tmpfs -o size=8m full full
		head -c 1000000 /dev/zero >full/file
		mount --bind full bound
		mount -t tmpfs -o size=1m covered covered
		mount --bind real covered
		mount -t tmpfs -o size=0 endless endless
		echo ready
		read -r _ || :
	`, "sh", dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	defer cmd.Wait()
	defer in.Close()
	if n, _ := out.Read(make([]byte, 16)); n == 0 {
		t.Skipf("cannot mount here: %s", stderr.String())
	}
	mounts, err := TmpfsMounts(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]Tmpfs{}
	seen := map[uint64]bool{}
	for _, m := range mounts {
		if seen[m.Dev] {
			t.Errorf("%+v is listed twice", m)
		}
		seen[m.Dev] = true
		if rel, err := filepath.Rel(dir, m.MountPoint); err == nil && filepath.IsLocal(rel) {
			found[rel] = m
		}
	}
	full := uint64((1000000 + os.Getpagesize() - 1) / os.Getpagesize() * os.Getpagesize())
	for name, want := range map[string][2]figure.Figure{
		"full":    {figure.Number(full), figure.Number(8 << 20)},
		"covered": {{}, {}},
		"endless": {figure.Without(figure.Unsupported), figure.Without(figure.Max)},
	} {
		if m, ok := found[name]; !ok || m.Used != want[0] || m.Size != want[1] {
			t.Errorf("%s: %+v", name, m)
		}
	}
	if len(found) != 3 {
		t.Errorf("%+v", found)
	}
}

// A container may replace a mount point by a link: it is not followed.
func TestTmpfsBehindLink(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("/dev/shm", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	root, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(root)
	for _, path := range []string{"/link", "/../../dev/shm", "/none"} {
		if fd, err := openCached(root, path); err == nil {
			unix.Close(fd)
			t.Errorf("%s was opened", path)
		}
	}
	if used, size := statTmpfs(root, Tmpfs{MountPoint: "/"}); used != (figure.Figure{}) || size != (figure.Figure{}) {
		t.Errorf("a folder that is not that mount: %s of %s", used, size)
	}
	if _, err := TmpfsMounts(1 << 30); !errors.Is(err, ErrNoProcess) {
		t.Errorf("an impossible PID: %v", err)
	}
}

func FuzzParseMountinfo(f *testing.F) {
	figuretest.Seed(f, "mountinfo")
	f.Fuzz(func(t *testing.T, data []byte) {
		mounts, err := parseMountinfo(data)
		if err != nil && mounts != nil || len(mounts) > bytes.Count(data, []byte{'\n'})+1 {
			t.Errorf("%+v, %v", mounts, err)
		}
		for _, m := range mounts {
			if m.Used.State() != figure.NotMeasured || m.Size.State() != figure.NotMeasured {
				t.Errorf("%+v was measured by the parser", m)
			}
		}
	})
}
