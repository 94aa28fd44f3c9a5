package value

import "testing"

func TestSize(t *testing.T) {
	var size Size
	for text, want := range map[string]Size{"0": 0, "64MiB": 64 << 20, "64m": 64 << 20, "1g": 1 << 30} {
		if err := size.UnmarshalText([]byte(text)); err != nil || size != want {
			t.Errorf("%s: %d, %v", text, size, err)
		}
	}
	if size.UnmarshalText([]byte("much")) == nil {
		t.Error("nonsense was parsed")
	}
}
