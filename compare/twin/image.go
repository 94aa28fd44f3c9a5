package twin

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// EmbeddedImage makes the image of the embedded workload, unless it exists, and returns its reference. The image contains this
// executable, so there is one per build.
func EmbeddedImage(ctx context.Context, docker *dockercli.Client) (string, error) {
	exe, err := os.Open("/proc/self/exe")
	if err != nil {
		return "", fmt.Errorf("opening haltscope's own executable: %w", err)
	}
	defer exe.Close()
	if err := MustBeStatic(exe); err != nil {
		return "", err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, exe); err != nil {
		return "", fmt.Errorf("reading haltscope's own executable: %w", err)
	}
	build := hex.EncodeToString(hash.Sum(nil))
	if ref, err := madeImage(ctx, docker, build); !errors.Is(err, dockercli.ErrNotFound) {
		return ref, err
	}
	if err := takeTurn(ctx, exe, docker.Timeout); err != nil {
		return "", err
	}
	ref, err := madeImage(ctx, docker, build)
	if !errors.Is(err, dockercli.ErrNotFound) {
		return ref, err // another run has made it meanwhile
	}
	if _, err := exe.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	in, out := io.Pipe()
	go func() { out.CloseWithError(writeImage(out, exe)) }()
	defer in.Close()
	err = docker.Import(ctx, in, ref,
		`ENTRYPOINT ["/haltscope","workload"]`,
		fmt.Sprintf("LABEL %s=%s", BuildLabel, build))
	return ref, err
}

// madeImage returns the reference of the image of a build. The error wraps [dockercli.ErrNotFound] if it does not exist yet.
func madeImage(ctx context.Context, docker *dockercli.Client, build string) (ref string, err error) {
	ref = workloadRef(build)
	image, err := docker.ImageInspect(ctx, ref)
	if err == nil && image.Config.Labels.Own("build") != build {
		err = fmt.Errorf("image %s was not made by this haltscope: it lacks the label %s=%s", ref, BuildLabel, build)
		return "", fault.WithHint(err, "give it another name, and remove this one: docker rmi "+ref)
	}
	return ref, err
}

// takeTurn waits until no other run makes an image of this executable: if two did, docker would take the name from the first
// image. It locks the executable itself until that is closed. It goes on without the lock if the file system has no locks, or
// another run holds it for longer than limit.
func takeTurn(ctx context.Context, exe *os.File, limit time.Duration) error {
	for deadline := time.Now().Add(limit); ; {
		err := unix.Flock(int(exe.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) || time.Now().After(deadline) {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// MustBeStatic returns an error for an executable that needs a dynamic linker: an image that contains nothing else has none.
func MustBeStatic(exe io.ReaderAt) error {
	f, err := elf.NewFile(exe)
	if err != nil {
		return fmt.Errorf("reading haltscope's own executable: %w", err)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			err := errors.New("this haltscope is dynamically linked, so the embedded workload cannot run in an image that contains nothing else")
			return fault.WithHint(err, "build it with `CGO_ENABLED=0 go build`, or use an image of your own: --image REF")
		}
	}
	return nil
}

// writeImage writes the image's file system as a tar archive: the executable and a folder for its data.
func writeImage(w io.Writer, exe *os.File) error {
	info, err := exe.Stat()
	if err != nil {
		return err
	}
	image := tar.NewWriter(w)
	for _, header := range []*tar.Header{
		{Typeflag: tar.TypeDir, Name: "data/", Mode: 0o755},
		{Typeflag: tar.TypeReg, Name: "haltscope", Mode: 0o755, Size: info.Size()},
	} {
		if err := image.WriteHeader(header); err != nil {
			return err
		}
	}
	if _, err := io.Copy(image, exe); err != nil {
		return err
	}
	return image.Close()
}
