package report

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// result is an expectation's in words.
func expectationResult(e *document.Expectation) string {
	switch pass, known := e.Pass.Get(); {
	case !known:
		return "unknown"
	case pass:
		return "met"
	}
	return "not met"
}

func checkTitle(c *document.Check) string {
	if c.Like != "" {
		return "a twin of " + c.Like
	}
	return c.Image
}

// Page is the expectations, and why one was not met.
func checkPage(c *document.Check) *Page {
	page := &Page{Title: "haltscope check"}
	took := ""
	if ms, ok := c.Run.Timing.EffectMs.Get(); ok {
		took = " after " + value.Duration(ms)
	}
	code := ""
	if n, ok := c.Run.State.ExitCode.Get(); ok {
		code = fmt.Sprintf(", exit code %d", n)
	}
	page.line(0, fmt.Sprintf("%s stop, %s: %s%s%s", c.Host.Tool(), checkTitle(c), c.Run.Verdict.Kind, took, code))
	g := &grid{header: []string{"expectation", "want", "got", ""}, wide: []int{1, 2}}
	for i := range c.Expectations {
		e := &c.Expectations[i]
		g.row(e.Name, e.Want, e.Got, span{expectationResult(e), map[string]tone{"met": good, "not met": bad, "unknown": warn}[expectationResult(e)]})
	}
	page.table(0, g)
	if c.Why != "" {
		page.section("Why", []string{c.Why})
	}
	page.section("What to change", c.Fix)
	page.section("What the twin does not have", c.Skipped)
	return page
}

// seconds is how long the stop took, 0 where that is not known.
func checkSeconds(c *document.Check) float64 {
	ms, _ := c.Run.Timing.EffectMs.Get()
	return ms / 1000
}

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure,omitempty"`
	Error   *junitProblem `xml:"error,omitempty"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the expectations as a test suite, in the form that CI servers read.
func JUnit(w io.Writer, c *document.Check) error {
	s := junitSuite{Name: "haltscope check " + checkTitle(c), Tests: len(c.Expectations), Time: fmt.Sprintf("%.3f", checkSeconds(c))}
	for i := range c.Expectations {
		e := &c.Expectations[i]
		one := junitCase{Name: e.Name + ": " + e.Want, Class: "haltscope.check", Time: s.Time}
		problem := &junitProblem{Message: "got " + e.Got, Type: e.Name, Text: checkWhy(c)}
		switch expectationResult(e) {
		case "not met":
			one.Failure = problem
			s.Failures++
		case "unknown":
			problem.Text = e.Pass.Detail()
			one.Error = problem
			s.Errors++
		}
		s.Cases = append(s.Cases, one)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	if err := out.Encode(junitSuites{Suite: s}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func checkWhy(c *document.Check) string {
	all := []string{}
	if c.Why != "" {
		all = append(all, c.Why)
	}
	for _, a := range c.Fix {
		all = append(all, "change: "+a)
	}
	return strings.Join(all, "\n")
}

// TAP writes the expectations in the Test Anything Protocol, version 13. What could not be judged is not ok, too, and
// says so.
func TAP(w io.Writer, c *document.Check) error {
	fmt.Fprintf(w, "TAP version 13\n1..%d\n", len(c.Expectations))
	for i := range c.Expectations {
		e := &c.Expectations[i]
		ok := "ok"
		if expectationResult(e) != "met" {
			ok = "not ok"
		}
		// A # would begin a directive.
		fmt.Fprintf(w, "%s %d - %s: %s\n", ok, i+1, e.Name, strings.ReplaceAll(e.Want, "#", `\#`))
		if ok == "ok" {
			continue
		}
		// JSON strings are YAML.
		fmt.Fprintf(w, "  ---\n  got: %s\n", quoted(e.Got))
		if detail := e.Pass.Detail(); detail != "" {
			fmt.Fprintf(w, "  unknown: %s\n", quoted(detail))
		} else {
			fmt.Fprintf(w, "  why: %s\n", quoted(c.Why))
			if len(c.Fix) > 0 {
				fmt.Fprintf(w, "  change:\n")
			}
			for _, a := range c.Fix {
				fmt.Fprintf(w, "    - %s\n", quoted(a))
			}
		}
		if _, err := fmt.Fprintln(w, "  ..."); err != nil {
			return err
		}
	}
	return nil
}

func quoted(s string) string {
	var text strings.Builder
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	if err := out.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(text.String(), "\n")
}
