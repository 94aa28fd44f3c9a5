package value

import "testing"

func TestVersionAtLeast(t *testing.T) {
	for _, c := range []struct {
		text, least  string
		newer, known bool
	}{
		{"6.18.44-fc", "6.15", true, true},
		{"6.15.0", "6.15", true, true},
		{"6.9.0-rc1", "6.15", false, true},
		{"5.19.17", "6.15", false, true},
		{"10.0", "6.15", true, true},
		{"5.2.0-rc1", "5.2", true, true}, // a candidate has what its release has
		{"4.18.0-553.el8_10.x86_64", "4.18", true, true},
		{"5.15.153.1-microsoft-standard-WSL2", "5.19", false, true},
		{"6.12.57+deb13-amd64", "6.12", true, true},
		{"6.1", "5.2", true, true},
		{"20.10.24+dfsg1", "29.7", false, true},
		{"30.0.0-rc.1", "29.7", true, true},
		{"1.41", "1.42", false, true},
		{"1.100", "1.42", true, true},
		{"6", "5.2", false, false},
		{"", "5.2", false, false},
		{"-6.1", "5.2", false, false},
		{"linux 6.1", "5.2", false, false},
	} {
		if newer, known := VersionAtLeast(c.text, c.least); newer != c.newer || known != c.known {
			t.Errorf("VersionAtLeast(%q, %q) = %v, %v", c.text, c.least, newer, known)
		}
	}
}
