package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"haltscope/compare/document"
)

// TAP writes the expectations in the Test Anything Protocol, version 13. One that could not be judged is not ok either.
func TAP(w io.Writer, c *document.Check) error {
	var b strings.Builder
	fmt.Fprintf(&b, "TAP version 13\n1..%d\n", len(c.Expectations))
	for i := range c.Expectations {
		e := &c.Expectations[i]
		ok := "ok"
		if resultOf(e) != met {
			ok = "not ok"
		}
		// An unescaped # would start a directive.
		fmt.Fprintf(&b, "%s %d - %s: %s\n", ok, i+1, e.Name, strings.ReplaceAll(e.Want, "#", `\#`))
		if ok == "not ok" {
			tapDiagnostics(&b, c, e)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// tapDiagnostics writes a YAML block. JSON strings are valid YAML.
func tapDiagnostics(b *strings.Builder, c *document.Check, e *document.Expectation) {
	fmt.Fprintf(b, "  ---\n  got: %s\n", jsonString(e.Got))
	if resultOf(e) == unknown {
		fmt.Fprintf(b, "  unknown: %s\n", jsonString(whyUnknown(e)))
	} else {
		fmt.Fprintf(b, "  why: %s\n", jsonString(c.Why))
		if len(c.Fix) > 0 {
			b.WriteString("  fix:\n")
		}
		for _, fix := range c.Fix {
			fmt.Fprintf(b, "    - %s\n", jsonString(fix))
		}
	}
	b.WriteString("  ...\n")
}

func jsonString(s string) string {
	var text strings.Builder
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	if err := out.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(text.String(), "\n")
}
