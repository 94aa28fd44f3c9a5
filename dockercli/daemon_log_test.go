package dockercli

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

const longID = "61a1353670148b550b1601e39871649b5963296029bfbf65407a165d2325df36"

// TestReadDaemonLog reads lines that Docker 20.10.24 logged.
func TestReadDaemonLog(t *testing.T) {
	file, err := os.Open("testdata/daemon-log/docker-20.10.24")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	l, err := ReadDaemonLog(file)
	if err != nil || l.Lines != 13 || !l.Info || len(l.Starts) != 1 || len(l.Shutdowns) != 0 || len(l.Forced) != 6 {
		t.Fatalf("%+v, %v", l, err)
	}
	at := time.Date(2026, 12, 1, 8, 16, 6, 589046903, time.UTC)
	if f := l.Forced[2]; f.ID != longID || f.Grace != "10s" || f.Signal != 15 || !f.At.Equal(at) {
		t.Errorf("%+v", f)
	}
	if !l.Covers(l.From, at) || l.Covers(l.From.Add(-1), at) || l.Covers(at, l.To.Add(1)) {
		t.Error("what it covers is from its first line to its last")
	}
}

// TestDaemonLines: the forms of other engines and settings, and lines that look like them.
func TestDaemonLines(t *testing.T) {
	const stamp = `time="2026-05-31T15:26:33.137235364+08:00" level=info `
	forced := func(id, grace string, signal int) string { return fmt.Sprint(id, grace, signal) }
	for name, c := range map[string]struct{ line, want string }{
		"up to 20.10": {stamp + `msg="Container ` + longID + ` failed to exit within 10 seconds of signal 15 - using the force"`,
			forced(longID, "10 seconds", 15)},
		"23 and later": {stamp + `msg="Container failed to exit within 30s of signal 3 - using the force" container=` + longID,
			forced(longID, "30s", 3)},
		"behind what syslog puts in front": {"May 31 15:26:33 host dockerd[492]: " + stamp +
			`msg="Container failed to exit within 1m0s of signal 15 - using the force" container=` + longID, forced(longID, "1m0s", 15)},
		"JSON": {`{"container":"` + longID + `","level":"info","msg":"Container failed to exit within 2s of signal 15 - using the force",` +
			`"time":"2026-05-31T15:26:33Z"}`, forced(longID, "2s", 15)},
		"a process of docker exec": {stamp + `msg="Container ` + longID + `, process x failed to exit within 10s of signal TERM - using ` +
			`the force"`, ""},
		"a direct SIGKILL": {stamp + `msg="Container 7873876b3310 failed to exit within 10 seconds of kill - trying direct SIGKILL"`, ""},
		"a short id":       {stamp + `msg="Container failed to exit within 10s of signal 15 - using the force" container=61a1`, ""},
		"no id":            {stamp + `msg="Container failed to exit within 10s of signal 15 - using the force"`, ""},
		"no signal":        {stamp + `msg="Container failed to exit within 10s of signal 99 - using the force" container=` + longID, ""},
		"quoted in another": {stamp + `msg="x time=\"2026-05-31T15:26:33Z\" level=info msg=\"Container failed to exit within 10s of ` +
			`signal 15 - using the force\" container=` + longID + `"`, ""},
		"no time": {`level=info msg="Container failed to exit within 10s of signal 15 - using the force" container=` + longID, ""},
		"cut":     {stamp + `msg="Container failed to exit within 10s of sig`, ""},
	} {
		l, err := ReadDaemonLog(strings.NewReader(c.line + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, f := range l.Forced {
			got += forced(f.ID, f.Grace, f.Signal)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	errors := strings.Replace(stamp, "level=info", "level=error", 1)
	errors = strings.Replace(errors, "15:26:33", "16:26:33", 1)
	if l, err := ReadDaemonLog(strings.NewReader(stamp + `msg="x"` + "\n" + errors + `msg="y"` + "\n")); err != nil || !l.To.Equal(l.From) {
		t.Errorf("after its last line of the level info it covers nothing: %+v, %v", l, err)
	}
	l, err := ReadDaemonLog(strings.NewReader(stamp + `msg="Processing signal 'terminated'"` + "\n" + stamp + `msg="Starting up"` + "\n"))
	if err != nil || len(l.Shutdowns) != 1 || len(l.Starts) != 1 {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestReadDaemonJournal: with the log driver journald, what a container prints is in the unit of docker as well.
func TestReadDaemonJournal(t *testing.T) {
	message := `level=info msg="Container failed to exit within 10s of signal 15 - using the force" container=` + longID
	entry := func(transport string, more map[string]any) string {
		all := map[string]any{"__REALTIME_TIMESTAMP": "1796113006589051", "_TRANSPORT": transport, "MESSAGE": message}
		for key, field := range more {
			all[key] = field
		}
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		return string(text) + "\n"
	}
	l, err := ReadDaemonJournal(strings.NewReader(entry("stdout", nil) + entry("journal", map[string]any{"CONTAINER_ID": "61a1"}) +
		entry("stdout", map[string]any{"CONTAINER_ID": "61a1"}) + entry("journal", nil) + entry("stdout", map[string]any{"MESSAGE": []int{104}}) +
		"junk\n" + `{"MESSAGE":null}` + "\n"))
	if err != nil || len(l.Forced) != 1 || l.Lines != 1 || !l.Forced[0].At.Equal(time.UnixMicro(1796113006589051)) {
		t.Errorf("%+v, %v", l, err)
	}
}

func FuzzDaemonLog(f *testing.F) {
	data, err := os.ReadFile("testdata/daemon-log/docker-20.10.24")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	for line := range strings.Lines(string(data)) {
		f.Add(line)
		entry, err := json.Marshal(map[string]string{"MESSAGE": strings.TrimSpace(line), "_TRANSPORT": "stdout", "__REALTIME_TIMESTAMP": "1"})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(entry))
	}
	f.Add(`{"level":"info","msg":"Starting up","time":"2026-05-31T15:26:33Z"}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, read := range []func(string) (*DaemonLog, error){
			func(text string) (*DaemonLog, error) { return ReadDaemonLog(strings.NewReader(text)) },
			func(text string) (*DaemonLog, error) { return ReadDaemonJournal(strings.NewReader(text)) },
		} {
			l, err := read(text)
			if err != nil {
				t.Fatal(err)
			}
			for _, forced := range l.Forced {
				if len(forced.ID) != 64 || forced.At.IsZero() || forced.Signal < 1 || forced.Signal > 64 || forced.Grace == "" {
					t.Errorf("%+v", forced)
				}
			}
			if len(l.Forced)+len(l.Starts)+len(l.Shutdowns) > l.Lines {
				t.Errorf("%+v", l)
			}
		}
	})
}
