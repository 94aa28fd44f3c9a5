package experiment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// volumeCopy is the content of a container's mount that goes into a volume of a twin. Both are directories of this host.
type volumeCopy struct {
	from, to, destination string
	bytes                 uint64 // that the content takes, once it was measured
}

// filesystem is where volumes of a twin are.
type filesystem struct {
	device uint64
	free   uint64 // bytes
}

// startCopied starts a twin with a copy of the content that the container has in its writable mounts. The volumes are the twin's
// own, and are removed with it.
func (x *experiment) startCopied(ctx context.Context, docker runner, id string) error {
	found, err := docker.Inspect(ctx, id)
	if err != nil {
		return err
	}
	twin, ok := found[id]
	if !ok {
		return removedTwin(nil)
	}
	copies, err := x.image.like.copies(&twin)
	if err != nil {
		return err
	}
	x.copying.Lock() // one at a time: each has to see how much space the others have left
	defer x.copying.Unlock()
	if err := x.checkSpace(ctx, copies); err != nil {
		return err
	}
	for i := range copies {
		if err := x.copyVolume(ctx, &copies[i]); err != nil {
			return err
		}
	}
	x.copied++
	_, err = docker.Do(context.WithoutCancel(ctx), id, dockercli.Start{})
	return err
}

// copies finds the volumes of a twin that was created, and what goes into each.
func (l *like) copies(twin *dockercli.Container) (all []volumeCopy, err error) {
	volumes := map[string]dockercli.Mount{}
	for _, m := range twin.Mounts {
		volumes[m.Destination] = m
	}
	for _, r := range l.replaced {
		if r.By != document.Copy {
			continue
		}
		to := volumes[r.Destination]
		if !to.Anonymous() || to.Source == "" {
			return nil, fmt.Errorf("copying what %s has at %s: the twin has no volume of its own there", l.name, value.Clean(r.Destination))
		}
		all = append(all, volumeCopy{from: l.sources[r.Destination], to: to.Source, destination: r.Destination})
	}
	return all, nil
}

// what names the copying of a directory.
func (l *like) what(c *volumeCopy) string {
	return fmt.Sprintf("copying what %s has at %s", l.name, value.Clean(c.destination))
}

// checkSpace measures all directories that go into volumes of a twin, and fails if there is too little space for this twin and for
// those that are to follow: before the first byte is copied.
func (x *experiment) checkSpace(ctx context.Context, copies []volumeCopy) (err error) {
	on := make([]filesystem, len(copies))
	for i := range copies {
		c := &copies[i]
		if c.bytes, err = diskUsage(ctx, c.from); err != nil {
			err = fmt.Errorf("%s: reading its size: %w", x.image.like.what(c), err)
			return fault.WithHint(err, "leave out --copy-volumes for new volumes, or name a copy with -v")
		}
		if on[i], err = filesystemOf(c.to); err != nil {
			return fmt.Errorf("%s: %w", x.image.like.what(c), err)
		}
	}
	return x.image.like.fits(copies, on, max(len(x.Actions)-x.copied, 1))
}

// filesystemOf returns the filesystem of a directory.
func filesystemOf(dir string) (filesystem, error) {
	var space unix.Statfs_t
	var stat unix.Stat_t
	if err := unix.Statfs(dir, &space); err != nil {
		return filesystem{}, &fs.PathError{Op: "statfs", Path: dir, Err: err}
	}
	if err := unix.Stat(dir, &stat); err != nil {
		return filesystem{}, &fs.PathError{Op: "stat", Path: dir, Err: err}
	}
	return filesystem{device: stat.Dev, free: space.Bavail * uint64(space.Bsize)}, nil
}

// fits fails if the copies of as many twins take more than the filesystems of the volumes have left. on has the filesystem of each copy.
func (l *like) fits(copies []volumeCopy, on []filesystem, twins int) error {
	needed, paths := map[uint64]uint64{}, map[uint64][]string{}
	for i := range copies {
		device := on[i].device
		needed[device] += copies[i].bytes * uint64(twins)
		paths[device] = append(paths[device], value.Clean(copies[i].destination))
		if needed[device] <= on[i].free {
			continue
		}
		forTwins := ""
		if twins > 1 {
			forTwins = fmt.Sprintf(" for %d twins", twins)
		}
		err := fmt.Errorf("copying what %s has at %s: it takes %s%s, and %s has %s left", l.name, strings.Join(paths[device], ", "),
			value.Bytes(needed[device]), forTwins, copies[i].to, value.Bytes(on[i].free))
		return fault.WithHint(err, "make space there, or leave out --copy-volumes for new volumes")
	}
	return nil
}

// copyVolume copies one directory.
func (x *experiment) copyVolume(ctx context.Context, c *volumeCopy) error {
	what := fmt.Sprintf("%s (%s)", x.image.like.what(c), value.Bytes(c.bytes))
	x.docker.Log.Info().Msg(what)
	done := x.progress.Step(what, 0)
	defer done()
	// cp keeps owners, modes, times, hard links, extended attributes and holes. The source's own attributes go to the target.
	cmd := exec.CommandContext(ctx, "cp", "-a", "--", c.from+"/.", c.to+"/")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL} // Ctrl-C on a terminal reaches only haltscope
	cmd.WaitDelay = 10 * time.Second
	if words, err := cmd.CombinedOutput(); ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		err = fmt.Errorf("%s: cp: %w: %s", what, err, value.Truncate(value.OneLine(string(words)), 300))
		return fault.WithHint(err, "a file that changes while it is copied may fail; name a copy or a snapshot of your own with -v")
	}
	return nil
}

// diskUsage returns how much space the files of a directory take, in bytes. Files that vanish meanwhile take none.
func diskUsage(ctx context.Context, dir string) (total uint64, err error) {
	type inode struct{ dev, ino uint64 }
	linked := map[inode]bool{} // files with several names
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case path != dir && errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		}
		var stat unix.Stat_t
		if err := unix.Lstat(path, &stat); errors.Is(err, fs.ErrNotExist) && path != dir {
			return nil
		} else if err != nil {
			return &fs.PathError{Op: "lstat", Path: path, Err: err}
		}
		id := inode{stat.Dev, stat.Ino}
		if !entry.IsDir() && stat.Nlink > 1 {
			if linked[id] {
				return nil
			}
			linked[id] = true
		}
		total += uint64(stat.Blocks) * 512
		return nil
	})
	return total, err
}
