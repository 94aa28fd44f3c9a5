package compare

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

	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// embeddedImage makes sure that the image of the embedded workload is there, and returns its reference. It holds this
// very executable, so it is made once per build.
func embeddedImage(ctx context.Context, docker *dockercli.Client) (string, error) {
	exe, err := os.Open("/proc/self/exe")
	if err != nil {
		return "", fmt.Errorf("opening haltscope's own executable: %w", err)
	}
	defer exe.Close()
	if err := mustBeStatic(exe); err != nil {
		return "", err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, exe); err != nil {
		return "", fmt.Errorf("reading haltscope's own executable: %w", err)
	}
	build := hex.EncodeToString(hash.Sum(nil))
	ref := workloadRef(build)
	image, err := docker.ImageInspect(ctx, ref)
	if err == nil && image.Config.Labels.Own("build") != build {
		return "", fault.WithHint(fmt.Errorf("image %s is not the one that haltscope makes of itself: it lacks the label %s=%s", ref, buildLabel, build),
			"give it another name, and take this one from it: docker rmi "+ref)
	}
	if err == nil || !errors.Is(err, dockercli.ErrNotFound) {
		return ref, err
	}
	if _, err := exe.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	in, out := io.Pipe()
	go func() { out.CloseWithError(writeImage(out, exe)) }()
	defer in.Close()
	err = docker.Import(ctx, in, ref,
		`ENTRYPOINT ["/haltscope","workload"]`,
		fmt.Sprintf("LABEL %s=%s", buildLabel, build))
	return ref, err
}

// mustBeStatic refuses an executable that needs a dynamic linker: there is none in an image that holds it alone.
func mustBeStatic(exe io.ReaderAt) error {
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
