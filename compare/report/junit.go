package report

import (
	"encoding/xml"
	"fmt"
	"io"

	"haltscope/compare/document"
)

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

// JUnit writes the expectations as a JUnit test suite, which CI servers read. One that could not be judged is an error.
func JUnit(w io.Writer, c *document.Check) error {
	s := junitSuite{Name: "haltscope check " + checkedName(c), Tests: len(c.Expectations), Time: fmt.Sprintf("%.3f", stopSeconds(c))}
	for i := range c.Expectations {
		e := &c.Expectations[i]
		test := junitCase{Name: e.Name + ": " + e.Want, Class: "haltscope.check", Time: s.Time}
		problem := &junitProblem{Message: "got " + e.Got, Type: e.Name, Text: checkReasons(c)}
		switch resultOf(e) {
		case notMet:
			test.Failure = problem
			s.Failures++
		case unknown:
			problem.Message, problem.Text = "could not tell whether it was met: "+whyUnknown(e), problem.Message
			test.Error = problem
			s.Errors++
		}
		s.Cases = append(s.Cases, test)
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

// stopSeconds returns how long the stop took. It is 0 if that is not known, because JUnit has no other value.
func stopSeconds(c *document.Check) float64 {
	ms, ok := c.Run.Timing.EffectMs.Get()
	if !ok {
		return 0
	}
	return ms / 1000
}
