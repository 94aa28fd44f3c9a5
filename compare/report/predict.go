package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// PredictSchema names the document of predict, and its version.
const PredictSchema = "haltscope.predict/v1"

// Predict is the document of `haltscope predict`.
type Predict struct {
	Schema     string      `json:"schema"`
	Host       Host        `json:"host"`
	Containers []Predicted `json:"containers"`
	Notes      []Note      `json:"notes"`
}

// Predicted is what would happen to one container, or to twins of it.
type Predicted struct {
	Name         string     `json:"name"`
	ID           string     `json:"id"` // of twins: that of the stop's
	Image        string     `json:"image"`
	Twins        bool       `json:"twins"` // the predictions are of twins, each from its own
	Signal       StopSignal `json:"signal"`
	Grace        Grace      `json:"grace"`
	Receiver     Receiver   `json:"receiver"`
	Stop         Foretold   `json:"stop"`
	Kill         Foretold   `json:"kill"`
	Pause        Foretold   `json:"pause"`
	Others       []Untold   `json:"others"`
	Consequences []Reason   `json:"consequences"` // what else is lost, and what comes back
	Advice       []string   `json:"advice"`       // what to change for a better stop
	Match        *bool      `json:"match,omitempty"`
	Skipped      []string   `json:"skipped,omitempty"` // what the twins do not have of the container
}

// StopSignal is what a stop begins with, and who has set it.
type StopSignal struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	From   string `json:"from"`
}

// Grace is what a stop waits before SIGKILL.
type Grace struct {
	Ms   Maybe[float64] `json:"ms"` // null: for ever
	From string         `json:"from"`
}

// Receiver is the process that the stop signal is for.
type Receiver struct {
	PID           Maybe[int]    `json:"pid"`
	NSPID         []int         `json:"ns_pid"` // in each PID namespace, the host's first
	Name          Maybe[string] `json:"name"`
	Program       Maybe[string] `json:"program"` // base name of the executable
	Behind        string        `json:"behind"`  // the init that forwards to it
	NamespaceInit Maybe[bool]   `json:"namespace_init"`
}

// Untold is a process that no signal of Docker's comes to.
type Untold struct {
	PID  int    `json:"pid"`
	Name string `json:"name"`
}

// Reason is what a prediction rests on.
type Reason struct {
	Source string `json:"source"`
	Value  string `json:"value"`
}

// Foretold is what an action would come to.
type Foretold struct {
	Outcome     string         `json:"outcome"`
	Candidates  []string       `json:"candidates"`
	ExitCodes   []int          `json:"exit_codes"`
	OwnExitCode bool           `json:"own_exit_code"`
	AfterMs     Maybe[float64] `json:"after_ms"`
	Because     []Reason       `json:"because"`
	Decides     string         `json:"decides"`
	Observed    *Observed      `json:"observed,omitempty"`
	Match       *bool          `json:"match,omitempty"`
}

// Observed is what a twin came to.
type Observed struct {
	Outcome  string         `json:"outcome"`
	ExitCode Maybe[int]     `json:"exit_code"`
	EffectMs Maybe[float64] `json:"effect_ms"`
	Because  []Observation  `json:"because"`
	Missing  string         `json:"missing"`
}

// Table lays the predictions out for a terminal.
func (p *Predict) Table(w io.Writer, o TableOptions) error { return p.Page().write(w, o) }

// Page is the predictions, one container below the other.
func (p *Predict) Page() *Page {
	page := &Page{Title: "haltscope predict"}
	for i := range p.Containers {
		p.Containers[i].page(page)
	}
	return page
}

func (c *Predicted) page(p *Page) {
	grace := "for ever"
	if ms, ok := c.Grace.Ms.Get(); ok {
		grace = Duration(ms)
	}
	p.heading(1, fmt.Sprintf("%s · stop signal %s (%s) · grace %s (%s)", c.title(), c.Signal.Name, c.Signal.From, grace, c.Grace.From))
	g := &grid{header: []string{"", "docker stop", "docker kill", "docker pause"}, wide: []int{1, 2, 3}, limit: 144}
	all := []*Foretold{&c.Stop, &c.Kill, &c.Pause}
	add := func(question string, cell func(*Foretold) any) {
		row := []any{question}
		for _, f := range all {
			row = append(row, cell(f))
		}
		g.row(row...)
	}
	add("outcome", func(f *Foretold) any { return span{f.cell(), toneOf(f.Outcome)} })
	add("exit code", func(f *Foretold) any { return f.codes() })
	add("after", func(f *Foretold) any { return f.after() })
	if c.Match != nil {
		add("observed", func(f *Foretold) any { return f.observed() })
		add("agree", func(f *Foretold) any {
			switch {
			case f.Match == nil:
				return "–"
			case *f.Match:
				return span{"yes", good}
			}
			return span{"no", bad}
		})
	}
	p.table(0, g)
	for i, name := range []string{"stop", "kill", "pause"} {
		p.section("Why, docker "+name, reasons(all[i]))
	}
	var more []string
	for _, r := range c.Consequences {
		more = append(more, fmt.Sprintf("%s  [%s]", r.Value, r.Source))
	}
	p.section("What else is lost, and what comes back", more)
	p.section("What to change", c.Advice)
	p.section("What the twins do not have", c.Skipped)
}

func (c *Predicted) title() string {
	if c.Twins {
		return "twins of " + c.Name
	}
	return c.Name
}

func reasons(f *Foretold) (all []string) {
	for _, r := range f.Because {
		all = append(all, fmt.Sprintf("%s  [%s]", r.Value, r.Source))
	}
	if f.Decides != "" {
		all = append(all, "What would decide: "+f.Decides)
	}
	return all
}

func (f *Foretold) cell() string {
	if len(f.Candidates) == 0 {
		return f.Outcome
	}
	return strings.Join(f.Candidates, " or ")
}

func (f *Foretold) codes() string {
	var all []string
	if f.OwnExitCode {
		all = append(all, "its own")
	}
	for _, c := range f.ExitCodes {
		all = append(all, strconv.Itoa(c))
	}
	if len(all) == 0 {
		return "–"
	}
	return strings.Join(all, " or ")
}

func (f *Foretold) after() string {
	ms, ok := f.AfterMs.Get()
	switch {
	case !ok:
		return "up to the program"
	case ms == 0:
		return "at once"
	case len(f.Candidates) > 0:
		return "at most " + Duration(ms)
	}
	return Duration(ms)
}

func (f *Foretold) observed() string {
	if f.Observed == nil {
		return "–"
	}
	cell := f.Observed.Outcome
	if code, ok := f.Observed.ExitCode.Get(); ok {
		cell += fmt.Sprintf(", exit code %d", code)
	}
	if ms, ok := f.Observed.EffectMs.Get(); ok {
		cell += ", after " + Duration(ms)
	}
	return cell
}
