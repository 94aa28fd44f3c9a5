package report

import (
	"bytes"
	"strings"
	"testing"

	"haltscope/compare/document"
)

func doctorReport() *document.Doctor {
	return &document.Doctor{Fit: true, Conditions: []document.Condition{
		{Name: "user", State: document.OK, Found: "root"},
		{Name: "swap", State: document.Limits, Found: "none", Means: "reclaim only takes page cache",
			Fix: []string{"fallocate --length 1G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile"}},
	}}
}

// TestDoctorTable checks that texts are aligned, and that a command is not wrapped.
func TestDoctorTable(t *testing.T) {
	checkTable(t, doctorReport(), `This host can run haltscope, with limits: 1 of 2 conditions.

 ✓ user  root
 ⚠ swap  none
         reclaim only takes page cache
         → fallocate --length 1G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile
`)
	var out bytes.Buffer
	if err := Table(&out, doctorReport(), TableOptions{Width: 40, Color: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"reclaim only takes page cache\n", "&& swapon /swapfile\n", "\x1b[33m⚠\x1b[0m swap  none\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%q", want, out.String())
		}
	}
}

func TestFitness(t *testing.T) {
	doc := doctorReport()
	doc.Conditions[1].State = document.OK
	if got := fitness(doc); got != "This host can run haltscope." {
		t.Error(got)
	}
	doc.Fit, doc.Conditions[0].State = false, document.Unfit
	if got := fitness(doc); got != "This host cannot run haltscope: 1 condition is not met." {
		t.Error(got)
	}
}

// TestDoctorMarkdown checks that each condition is an item, and what it means belongs to it.
func TestDoctorMarkdown(t *testing.T) {
	var out bytes.Buffer
	if err := Markdown(&out, doctorReport()); err != nil {
		t.Fatal(err)
	}
	if want := "\n- **⚠ swap** none\n  - reclaim only takes page cache\n  - **→** fallocate "; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, &out)
	}
}
