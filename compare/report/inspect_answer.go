package report

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// inspectedAnswer adds the state of a container, whether Docker and the kernel agree on it, and what is wrong, with the fixes.
func (p *page) inspectedAnswer(c *document.Inspected, h document.Host) {
	title := span{text: fmt.Sprintf("%s  %.12s  %s: ", c.Name, c.ID, inspectedState(c))}
	p.heading(1, title, agreement(c, h))
	for _, f := range c.Findings {
		p.add(block{in: 2, text: []span{{"⚠ " + string(f.Kind), warn}, {text: ": " + f.Text + "."}}})
		for _, fix := range f.Fix {
			p.add(block{in: 2, label: []span{{text: "fix:    "}}, text: []span{{fix, command}}})
		}
	}
}

// inspectedState returns what Docker calls a container, and for how long it has been frozen.
func inspectedState(c *document.Inspected) string {
	if ms, ok := c.Freezer.FrozenMs.Get(); ok {
		return c.Docker.Status + ", frozen for " + value.Age(ms)
	}
	return c.Docker.Status
}

// agreement says on how many checks Docker and the kernel agree.
func agreement(c *document.Inspected, h document.Host) span {
	same, differ, open := 0, 0, 0
	for _, q := range c.Agreement {
		switch agree, ok := q.Agree.Get(); {
		case !ok:
			open++
		case agree:
			same++
		default:
			differ++
		}
	}
	s := span{text: fmt.Sprintf("%s and the kernel agree on %s", engineName(h), value.Count(same, "check", "checks")), tone: good}
	if differ > 0 {
		s.text, s.tone = s.text+fmt.Sprintf(", and differ on %d", differ), warn
	}
	if open > 0 {
		s.text += fmt.Sprintf("; %d cannot be compared", open)
	}
	return s
}

// inspectedBrief adds the differences, who holds the memory, what runs, and how to get the memory back.
func (p *page) inspectedBrief(c *document.Inspected, h document.Host) {
	for _, q := range c.Agreement {
		if agree, ok := q.Agree.Get(); ok && !agree {
			text := fmt.Sprintf("%s: %s says %s; kernel: %s", q.Question, engineName(h), q.Docker, q.Kernel)
			p.add(block{in: 2, text: []span{{"⚠ differ", warn}, {text: "  " + text}}, most: 2})
		}
	}
	if !c.Cgroup.Exists {
		return
	}
	p.part(chargedTitle(c))
	p.briefMemory(c.Memory.Ledger)
	p.files(&c.Memory, maxBriefElsewhere)
	if text := activity(c); text != "" {
		p.add(block{in: 2, text: []span{{text: text}}, most: 2})
	}
	p.briefProcesses(c)
	if n := len(c.Explanation); n > 0 {
		p.add(block{in: 2, text: advice(c.Explanation[n-1].Text), most: 5})
	}
}

// briefMemory adds a line with the holders for each group of memory. Those of 0 and those that this kernel does not report are left out.
func (p *page) briefMemory(ledger []document.HeldRow) {
	rows := plainRows(ledger)
	var done []string
	for _, first := range ledger {
		sum := sumGroup(rows, first.Group, afterBytes)
		v, ok := sum.Get()
		if slices.Contains(done, first.Group) || ok && v == 0 || sum.Reason() == value.Unsupported {
			continue
		}
		done = append(done, first.Group)
		var holders []string
		for i := range ledger {
			if cell := holdersCell(&ledger[i]); ledger[i].Group == first.Group && cell != "" {
				holders = append(holders, cell)
			}
		}
		line := fmt.Sprintf("%-22s%10s", rowTitle(first.Group), size(sum))
		if len(holders) > 0 {
			line += "  " + strings.Join(holders, "; ")
		}
		p.add(block{in: 2, text: []span{{text: line}}, most: 1})
	}
}

// maxBriefElsewhere bounds the files of a brief table that others are charged for.
const maxBriefElsewhere = 3

// maxBriefProcesses bounds the processes of a brief table.
const maxBriefProcesses = 3

// briefProcesses adds a line for each of the first processes.
func (p *page) briefProcesses(c *document.Inspected) {
	shown := c.Processes[:min(len(c.Processes), maxBriefProcesses)]
	for i := range shown {
		one := &shown[i]
		label := fmt.Sprintf("%-8d", one.PID)
		text := fmt.Sprintf("%s  %s  RSS %s  catches %s", one.Command, plain(one.State), size(one.RSSBytes), caughtCell(one.Signals))
		p.add(block{in: 2, label: []span{{text: label}}, text: []span{{text: strings.TrimSpace(text)}}, most: 1})
	}
	if more := len(c.Processes) - len(shown); more > 0 {
		p.line(2, "and "+value.Count(more, "more process", "more processes"))
	}
}
