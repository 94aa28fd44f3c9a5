package dockercli

import (
	"context"
	"path/filepath"
	"testing"
)

func TestStatsRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, read func(string) []byte) {
		for _, state := range []string{"running", "paused", "exited"} {
			all, err := parseStats(read("stats-" + state + ".json"))
			if err != nil || len(all) != 1 {
				t.Fatalf("%+v, %v", all, err)
			}
			for id, s := range all {
				if len(id) != 64 || s.CPUPercent == nil || s.MemoryBytes == nil {
					t.Fatalf("%+v", s)
				}
				if (*s.MemoryBytes > 0) != (state != "exited") || *s.CPUPercent < 0 || state != "running" && *s.CPUPercent != 0 {
					t.Errorf("%s: CPU %v, memory %v", state, *s.CPUPercent, *s.MemoryBytes)
				}
			}
		}
	})
}

func TestParseStats(t *testing.T) {
	all, err := parseStats([]byte(`{"ID":"a","CPUPerc":"--","MemUsage":"-- / --"}

{"ID":"b","CPUPerc":"199.96%","MemUsage":"1.5GiB / 2GiB"}`))
	if a, b := all["a"], all["b"]; err != nil || a.CPUPercent != nil || a.MemoryBytes != nil ||
		*b.CPUPercent != 199.96 || *b.MemoryBytes != 1.5*(1<<30) {
		t.Errorf("%+v, %v", all, err)
	}
	for _, text := range []string{`{"ID":"a","CPUPerc":"much%"}`, `{"ID":"a","MemUsage":"much / 1GiB"}`, `json`} {
		if _, err := parseStats([]byte(text)); err == nil {
			t.Errorf("%q was understood", text)
		}
	}
}

// A busy engine takes its sample too late for the client, which then prints "--".
func TestStatsAskedAgain(t *testing.T) {
	asked := filepath.Join(t.TempDir(), "asked")
	line := func(id, cpu, memory string) string {
		return `echo '{"ID":"` + id + `","CPUPerc":"` + cpu + `","MemUsage":"` + memory + `"}'` + "\n"
	}
	late := fake(t, `if [ ! -e `+asked+` ]; then touch `+asked+"\n"+line("a", "--", "-- / --")+line("b", "1.00%", "2MiB / 4MiB")+
		`else [ $# = 7 ] || exit 9`+"\n"+line("a", "3.00%", "5MiB / 6MiB")+"fi")
	all, err := late.Stats(context.Background(), "a", "b")
	if err != nil || all["a"].CPUPercent == nil || *all["a"].CPUPercent != 3 || *all["b"].MemoryBytes != 2<<20 {
		t.Errorf("%+v, %v", all, err)
	}
	// If it was the first sample, the call fails, although the container exists.
	for words, want := range map[string]bool{"timeout waiting for stats": true, "keine Werte": true, "No such container: a": false} {
		refused := filepath.Join(t.TempDir(), "refused")
		list := `echo '{"ID":"a","State":"running"}'`
		if !want {
			list = "true"
		}
		script := `if [ $1 = ps ]; then ` + list + `; exit; fi
if [ ! -e ` + refused + ` ]; then touch ` + refused + `; echo '` + words + `' >&2; exit 1; fi` + "\n"
		first := fake(t, script+line("a", "3.00%", "5MiB / 6MiB"))
		if all, err := first.Stats(context.Background(), "a"); (err == nil) != want || want && all["a"].CPUPercent == nil {
			t.Errorf("%s: %+v, %v", words, all, err)
		}
	}
	never := fake(t, line("a", "--", "-- / --"))
	if all, err := never.Stats(context.Background(), "a"); err != nil || all["a"].CPUPercent != nil || all["a"].MemoryBytes != nil {
		t.Errorf("%+v, %v", all, err)
	}
}
