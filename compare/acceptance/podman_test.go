package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// podmanCmd implements podman [IMAGE...]: it gives the story a podman with its own storage, state and settings in a
// separate directory and with images from Docker, and removes all of it when the story ends.
func podmanCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: podman [IMAGE...]")
	}
	// Not in the work directory: if the path is longer than about 50 characters, conmon's clean-up fails.
	dir, err := os.MkdirTemp("/var/tmp", "hs-podman")
	ts.Check(err)
	// Podman's default limits may exceed those of this process. Its locks would be in the machine's /dev/shm.
	settings := "[containers]\ndefault_ulimits = [\"nofile=1024:4096\", \"nproc=1024:4096\"]\n" +
		"[network]\nnetwork_config_dir = \"" + dir + "/networks\"\n" +
		"[engine]\nevents_logger = \"file\"\nlock_type = \"file\"\ntmp_dir = \"" + dir + "/libpod\"\n"
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err != nil {
		// crun does not run on a hybrid host.
		settings += "runtime = \"runc\"\n"
	}
	storage := "[storage]\ndriver = \"overlay\"\ngraphroot = \"" + dir + "/storage\"\nrunroot = \"" + dir + "/run\"\n"
	for name, text := range map[string]string{"containers.conf": settings, "storage.conf": storage} {
		ts.Check(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	ts.Setenv("CONTAINERS_CONF", dir+"/containers.conf")
	ts.Setenv("CONTAINERS_STORAGE_CONF", dir+"/storage.conf")
	parents, _ := filepath.Glob("/sys/fs/cgroup/*/libpod_parent")
	const cache = "/var/lib/containers" // root's podman writes to it whatever the settings are
	_, noCache := os.Stat(cache)
	ts.Defer(func() {
		for _, remove := range []string{"rm --all --force --time 0", "rmi --all --force"} {
			all := exec.Command("podman", strings.Fields(remove)...)
			all.Env = append(os.Environ(), "CONTAINERS_CONF="+dir+"/containers.conf", "CONTAINERS_STORAGE_CONF="+dir+"/storage.conf")
			if out, err := all.CombinedOutput(); err != nil {
				ts.Logf("podman %s: %v: %s", remove, err, out)
			}
		}
		// Podman keeps its storage mounted.
		exec.Command("umount", dir+"/storage/overlay").Run()
		if err := os.RemoveAll(dir); err != nil {
			ts.Logf("%v", err)
		}
		if os.IsNotExist(noCache) { // otherwise another podman has created it
			files, _ := filepath.Glob(cache + "/cache/blob-info-cache-v1.*")
			for _, path := range append(files, cache+"/cache", cache) {
				os.Remove(path) // fails, as it should, if the directory has other files
			}
		}
		if len(parents) == 0 { // otherwise another podman has created them
			removeEmptyCgroups("/libpod_parent/conmon")
		}
	})
	if len(args) == 0 {
		return
	}
	ts.Check(ts.Exec("sh", "-c", "docker save "+strings.Join(args, " ")+" | podman load --quiet"))
}
