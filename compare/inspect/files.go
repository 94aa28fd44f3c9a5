package inspect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// The bounds of a search for files.
const (
	filesTime     = 10 * time.Second // of each container
	filesPatience = time.Second      // how much longer to wait for a call that does not return
	filesVisited  = 200_000          // files of its mounts
	filesWorkers  = 4
	largeFile     = 1 << 20  // bytes; files of this size are counted before smaller ones
	filesTogether = 64       // how many files a worker gets at once, at most
	bytesTogether = 32 << 20 // and how many bytes, roughly
)

// fileFacts is what a search for the files in a container's memory found.
type fileFacts struct {
	files     []memory.CachedFile
	notWalked []string // where it did not look, and why
	kinds     kindsOfFiles
	reason    value.Reason // of err
	err       error        // why there are no files at all
}

// findFiles finds the files whose pages are charged to a container, and those that its processes use but that are charged elsewhere.
func findFiles(ctx context.Context, kernel *cgroupfs.Host, others func() ([]otherProcess, error), a *account) fileFacts {
	if a.Group == nil || !a.kernel.Exists {
		return fileFacts{reason: value.Vanished, err: errors.New("it has no cgroup")}
	}
	pages, err := a.Group.OpenFilePages()
	switch {
	case err != nil && !a.Group.Exists():
		return fileFacts{reason: value.Vanished, err: errors.New("it ended before its files were searched")}
	case err != nil:
		return fileFacts{reason: reasonOf(err), err: fmt.Errorf("finding out which files are in its memory: %w", err)}
	}
	ctx, cancel := context.WithTimeout(ctx, filesTime)
	defer cancel()
	s := newFileSearch(a, pages, others)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.run(ctx)
	}()
	// The search makes no call that could wait for a server or for the container. If a call does not return all the same, as on a failed
	// disk, what was found until then is reported.
	select {
	case <-done:
	case <-waited(ctx, filesPatience):
		s.missed("%s did not return within %s", s.current(), value.Duration(value.Milliseconds(filesTime+filesPatience)))
	}
	found := s.result(kernel)
	if !a.Group.Exists() {
		return fileFacts{reason: value.Vanished, err: errors.New("it ended while its files were searched")}
	}
	return found
}

// addFiles finds the files of containers, one container after the other.
func addFiles(ctx context.Context, docker *dockercli.Client, kernel *cgroupfs.Host, accounts []*account, most int, progress Progress) {
	done := progress.Step("looking for files in memory", 0)
	defer done()
	others := containerProcesses(kernel)
	for _, a := range accounts {
		facts := findFiles(ctx, kernel, others, a)
		a.files, a.most = &facts, most
	}
	nameContainers(ctx, docker, accounts)
}

// nameContainers replaces the ids of other containers by their names. Docker may not know some of them, such as those of another engine.
func nameContainers(ctx context.Context, docker inspector, accounts []*account) {
	var names []*string
	for _, a := range accounts {
		for i := range a.files.files {
			f := &a.files.files[i]
			for j := range f.ChargedToOther {
				names = append(names, &f.ChargedToOther[j].Container)
			}
			for j := range f.UsedBy {
				names = append(names, &f.UsedBy[j])
			}
		}
	}
	var ids []string
	for _, name := range names {
		if *name != "" {
			ids = append(ids, *name)
		}
	}
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	found := docker.InspectMany(ctx, slices.Compact(ids)...).Found
	for _, name := range names {
		if c, ok := found[*name]; ok {
			*name = c.DisplayName()
		}
	}
}

// waited returns a channel that is closed when more time has passed after ctx is done.
func waited(ctx context.Context, more time.Duration) <-chan struct{} {
	c := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(more, func() { close(c) }) })
	return c
}

// reasonOf returns the reason that an error of [cgroupfs.Group.OpenFilePages] stands for, while the cgroup exists.
func reasonOf(err error) value.Reason {
	switch {
	case errors.Is(err, unix.EPERM), errors.Is(err, fs.ErrPermission), errors.Is(err, proc.ErrFramesHidden):
		return value.Denied
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errors.ErrUnsupported):
		return value.Unsupported
	}
	return value.Failed
}

// run looks for files where they are likely to be found first: the processes' open and mapped files, the runtime, then all mounts.
func (s *fileSearch) run(ctx context.Context) {
	s.members(ctx)
	s.runtimes(ctx)
	s.mounts(ctx)
	s.users(ctx)
	if ctx.Err() != nil {
		s.missed("the search ended after %s, before it had looked at all files", value.Duration(value.Milliseconds(filesTime)))
	}
}

// workers returns how many goroutines count pages.
func workers() int { return min(filesWorkers, max(1, runtime.GOMAXPROCS(0))) }

// selfMounts returns the mounts of this process; none if they cannot be read.
func (s *fileSearch) selfMounts() []proc.Mount {
	mounts, err := proc.ReadMounts(os.Getpid())
	if err != nil {
		s.missed("files on mounts that the container does not have: %v", err)
	}
	return mounts
}
