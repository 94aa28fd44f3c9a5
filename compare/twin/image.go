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

// embeddedImage makes sure that the image of the embedded workload is there, and returns its reference. It holds this
// very executable, so it is made once per build.
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
		return ref, err // by another run meanwhile
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

// madeImage returns the reference of the image of a build, with ErrNotFound if that was not made yet.
func madeImage(ctx context.Context, docker *dockercli.Client, build string) (ref string, err error) {
	ref = workloadRef(build)
	image, err := docker.ImageInspect(ctx, ref)
	if err == nil && image.Config.Labels.Own("build") != build {
		return "", fault.WithHint(fmt.Errorf("image %s is not the one that haltscope makes of itself: it lacks the label %s=%s", ref, BuildLabel, build),
			"give it another name, and take this one from it: docker rmi "+ref)
	}
	return ref, err
}

// takeTurn waits until no other run makes an image of this executable: of two that do, docker takes the name from the first.
// The lock is on the executable itself and ends when that is closed. Where there are no locks, or another run holds one for
// longer than limit, it is done without.
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

// mustBeStatic refuses an executable that needs a dynamic linker: there is none in an image that holds it alone.
func MustBeStatic(exe io.ReaderAt) error {
	f, err := elf.NewFile(exe)
	if err != nil {
		return fmt.Errorf("reading haltscope's own executable: %w", err)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return fault.WithHint(errors.New("this haltscope is linked dynamically, so the embedded workload cannot run in an image that holds it alone"),
				"build it with `CGO_ENABLED=0 go build`, or compare an image of your own: --image REF")
		}
	}
	return nil
}

// writeImage writes the image's file system: the executable and a folder for its data.
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
