package cli

import (
	"os"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/reclaim"
	"haltscope/compare/report"
	"haltscope/compare/workload"
)

// Reclaim gives memory back to the host.
type Reclaim struct {
	Container []string       `arg:"" help:"Containers, by name or id."`
	Bytes     *workload.Size `xor:"amount" help:"How much to give back; without it, all that the kernel can take." placeholder:"SIZE"`
	All       bool           `xor:"amount" help:"Give back all that the kernel can take, which is the default."`
	DryRun    bool           `help:"Only tell what could be given back."`
	Running   bool           `help:"Reclaim from containers that are not frozen, too: they take back what they need."`
}

func (*Reclaim) Help() string {
	return `Drops page cache and, where there is swap, swaps the rest out, by memory.reclaim (memory.force_empty on cgroup v1).
The container stays as it is, frozen or not; it pays when it touches that memory again.

Examples:
  haltscope reclaim --dry-run web
  haltscope reclaim --bytes 100MiB web`
}

func (c *Reclaim) Run(p *Program) error {
	o := reclaim.Options{DryRun: c.DryRun, Running: c.Running}
	if c.Bytes != nil {
		if int(*c.Bytes) < os.Getpagesize() {
			return &fault.UsageError{Text: "--bytes takes a size of a page or more, such as 100MiB"}
		}
		o.Bytes = uint64(*c.Bytes)
	}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := reclaim.Run(p.Context, p.docker(), c.Container, o, progress)
		return orNone(doc), err
	})
}
