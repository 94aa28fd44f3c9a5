package cli

import (
	"os"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/reclaim"
	"haltscope/compare/report"
	"haltscope/compare/value"
)

// Reclaim returns memory to the host.
type Reclaim struct {
	containerFlags
	Bytes   *value.Size `help:"How much to reclaim from each; by default all that the kernel can take." placeholder:"SIZE"`
	DryRun  bool        `help:"Only report what could be reclaimed."`
	Running bool        `help:"Also reclaim from containers that are not frozen; they will take back what they need."`
}

func (*Reclaim) Help() string {
	return `Drops page cache and, where there is swap, swaps out the rest, through memory.reclaim (memory.force_empty on cgroup v1).
The container stays as it is, frozen or not. It pays when it touches that memory again.

Examples:
  haltscope reclaim --dry-run web
  haltscope reclaim --dry-run --all
  haltscope reclaim --bytes 100MiB web`
}

func (c *Reclaim) Run(p *Program) error {
	o := reclaim.Options{DryRun: c.DryRun, Running: c.Running}
	if c.Bytes != nil {
		if int(*c.Bytes) < os.Getpagesize() {
			return &fault.UsageError{Text: "--bytes takes a size of at least one page, such as 100MiB"}
		}
		o.Bytes = uint64(*c.Bytes)
	}
	kind := paused
	if c.Running {
		kind = running
	}
	which, err := c.selection(c.Container, kind)
	if err != nil {
		return err
	}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := reclaim.Run(p.Context, p.docker(), which, o, progress)
		return orNone(doc), err
	})
}
