package dockercli

import "testing"

func TestParsePodmanStats(t *testing.T) {
	all, err := parsePodmanStats([]byte(`[{"id":"a","cpu_percent":"199.96%","mem_usage":"106.2MB / 25.28GB"},
		{"id":"b","cpu_percent":"--","mem_usage":"-- / --"}]`))
	if a, b := all["a"], all["b"]; err != nil || *a.CPUPercent != 199.96 || *a.MemoryBytes != 106_200_000 ||
		b.CPUPercent != nil || b.MemoryBytes != nil {
		t.Errorf("%+v, %v", all, err)
	}
	for _, text := range []string{`json`, `{}`, `[{"id":"a","cpu_percent":"much%"}]`, `[{"id":"a","mem_usage":"much / 1GB"}]`} {
		if _, err := parsePodmanStats([]byte(text)); err == nil {
			t.Errorf("%q was understood", text)
		}
	}
}
