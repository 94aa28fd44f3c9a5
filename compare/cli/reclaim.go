package cli

import (
	"os"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/reclaim"
	"haltscope/compare/report"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

// Reclaim returns memory to the host.
type Reclaim struct {
	Container []string    `arg:"" help:"Containers, by name or id."`
	Bytes     *value.Size `xor:"amount" help:"How much to reclaim; by default all that the kernel can take." placeholder:"SIZE"`
	All       bool        `xor:"amount" help:"Reclaim all that the kernel can take; this is the default."`
	DryRun    bool        `help:"Only report what could be reclaimed."`
	Running   bool        `help:"Also reclaim from containers that are not frozen; they will take back what they need."`
}

func (*Reclaim) Help() string {
	return `Drops page cache and, where there is swap, swaps out the rest, through memory.reclaim (memory.force_empty on cgroup v1).
The container stays as it is, frozen or not. It pays when it touches that memory again.

Examples:
  haltscope reclaim --dry-run web
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
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := reclaim.Run(p.Context, p.docker(), target.Named(c.Container...), o, progress)
		return orNone(doc), err
	})
}
