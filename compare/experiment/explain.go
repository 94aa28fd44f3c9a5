package experiment

import (
	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// explain says why a paused twin keeps its memory, in sentences that carry the figures they rest on.
func (a *arm) explain() []document.Sentence {
	processes := -1
	if a.membersErr == nil {
		processes = len(a.membersAfter)
	}
	sources := a.Group.Sources()
	all := memory.Explain(memory.Account{
		Was: memory.Split(&a.ReadBefore, a.Group.Version), Now: memory.Split(&a.ReadAfter, a.Group.Version),
		Swap: a.swap, Unevictable: memory.Unevictable(&a.ReadAfter, a.Group.Version), NoReclaim: a.noReclaim, Frozen: a.ReadAfter.Freezer.Frozen.Is(1), Unpausable: true, FrozenSource: sources["frozen"], Processes: processes,
	})
	held, during := a.held()
	if v, ok := during.Value(); ok {
		text := "CPU time stood still: "
		if v > 0 {
			text = "CPU time went on: "
		}
		last := len(all) - 1
		all = append(all[:last:last], document.Sentence{Text: text + value.Usec(v) + " in " + value.Duration(value.Milliseconds(held)) + ".",
			Sources: []string{sources["cpu"]}}, all[last])
	}
	return all
}
