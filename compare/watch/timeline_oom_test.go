package watch

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/dockercli"
)

// counted is a sample with the OOM killer's count, and a limit of 16 MiB.
func counted(ms int, kills uint64) step {
	return func(l *Timeline) {
		s := cgroupfs.Sample{At: at(ms), OOMKill: figure.Number(kills), Limit: figure.Number(16 << 20), Peak: figure.Number(15 << 20),
			Freezer: cgroupfs.Freezer{Requested: figure.Number(0), Frozen: figure.Number(0)}}
		l.Sample(l.current.started, s, map[string]string{"oom_kill": "memory.events: oom_kill"}, nil, at(ms))
	}
}

func chosen(pid int, name, limitOf string, first bool) step {
	main := 42
	if first {
		main = pid
	}
	return victimOf(main, cgroupfs.OOMVictim{PID: pid, Name: name, LimitOf: limitOf, Cgroup: "/docker/c0ffee"})
}

// victimOf is a victim from the kernel's log, in a container with a main process.
func victimOf(main int, v cgroupfs.OOMVictim) step {
	return func(l *Timeline) { l.OOMVictim(l.current.started, main, v) }
}

// passTime lets time pass, and appends the lines of it.
func passTime(ms int, written *[]Line) step {
	return func(l *Timeline) { *written = append(*written, l.Lines(at(ms))...) }
}

func TestOOM(t *testing.T) {
	for _, c := range []struct {
		name     string
		steps    []step
		want     string // the lines
		messages []string
	}{
		{"the first process", []step{counted(100, 0), counted(1000, 1), chosen(42, "app", "/docker/c0ffee", true),
			event(1010, "die", "exitCode=137"), inspect(1100, container("exited", 137))},
			"start die/oom-killed=137",
			[]string{"killed by the OOM killer, its first process app (pid 42), at its limit of 16 MiB; it held at most 15 MiB; exit code 137"}},
		{"the first process, and the cgroup was not read again", []step{counted(100, 0), chosen(42, "app", "/docker/c0ffee", true),
			event(1010, "die", "exitCode=137"), inspect(1100, oomKilled(137))},
			"start die/oom-killed=137",
			[]string{"killed by the OOM killer, its first process app (pid 42), at its limit of 16 MiB; exit code 137"}},
		{"a child, by the limit of a cgroup above", []step{counted(100, 0), counted(1000, 1), chosen(7, "job", "/docker", false)},
			"start oom",
			[]string{"the OOM killer killed 1 process in it, job (pid 7), at the limit of /docker; it held at most 15 MiB; it keeps running"}},
		{"two, one of them named, and the host ran out of memory", []step{counted(100, 0), counted(1000, 2), chosen(7, "job", "", false)},
			"start oom",
			[]string{"the OOM killer killed 2 processes in it, including job (pid 7), because the host ran out of memory; " +
				"it held at most 15 MiB; it keeps running"}},
		{"no victim is named", []step{counted(100, 0), counted(1000, 1), func(l *Timeline) {
			l.VictimsUnknown(l.current.started, &fs.PathError{Op: "open", Path: "/dev/kmsg", Err: unix.EPERM})
		}},
			"start oom", []string{"the OOM killer killed 1 process in it at its limit of 16 MiB; it held at most 15 MiB; it keeps running"}},
		{"before the first sample", []step{counted(100, 1), chosen(7, "job", "/docker/c0ffee", false)}, "start oom", nil},
		{"reported by the kernel, and later by Docker", []step{counted(100, 0), counted(1000, 1), passTime(3000, new([]Line)), event(3100, "oom"),
			counted(3101, 1)}, "", nil},
		{"reported by Docker first", []step{counted(100, 0), event(990, "oom"), counted(1000, 1)}, "start oom", nil},
		{"a child, and then another", []step{counted(100, 0), counted(1000, 1), counted(5000, 2)}, "start oom",
			[]string{"the OOM killer killed 2 processes in it at its limit of 16 MiB; it held at most 15 MiB; it keeps running"}},
		{"a child, outlived, and a SIGKILL from outside later", []step{counted(100, 0), counted(1000, 1), passTime(3000, new([]Line)),
			processExits(9000, 9), event(9001, "die", "exitCode=137"), inspect(9100, oomKilled(137))},
			"die/killed=137", []string{"killed: Docker's events show no SIGKILL: it came from outside Docker, or from dockerd itself after its " +
				"runtime had failed to send one, exit code 137"}},
		{"a child, and the program exits with 137", []step{counted(100, 0), counted(1000, 1), chosen(7, "job", "/docker/c0ffee", false),
			event(1010, "die", "exitCode=137"), inspect(1100, oomKilled(137))},
			"start die/crashed=137",
			[]string{"failed by itself, exit code 137; before that, the OOM killer killed 1 process in it, job (pid 7), " +
				"at its limit of 16 MiB; it held at most 15 MiB"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := play(NewTimeline("c0ffee", "web", false), append(startedRun(), c.steps...)...)
			if text(got) != c.want {
				t.Errorf("got  %s\nwant %s", text(got), c.want)
			}
			var messages []string
			for _, l := range got {
				if l.Action != "start" {
					messages = append(messages, l.Message)
				}
			}
			if c.messages != nil && strings.Join(messages, "\n") != strings.Join(c.messages, "\n") {
				t.Errorf("got  %q\nwant %q", messages, c.messages)
			}
		})
	}
}

// TestConstraint checks that a line names what ran out: by the cgroup whose limit was reached, or by what the kernel was bound
// to. Only the limit of the container's own cgroup has a size.
func TestConstraint(t *testing.T) {
	for _, c := range []struct {
		name, constraint, limitOf string
		want, text                string
		bytes                     string // limit_bytes
	}{
		{"its own", "CONSTRAINT_MEMCG", "/docker/c0ffee", "limit", "at its limit of 16 MiB;", "16777216"},
		{"its own, systemd's driver", "CONSTRAINT_MEMCG", "/system.slice/docker-c0ffee.scope", "limit", "at its limit of 16 MiB;", "16777216"},
		{"a container's inside it", "CONSTRAINT_MEMCG", "/docker/c0ffee/docker/decade", "descendant",
			"at the limit of a cgroup inside it, /docker/c0ffee/docker/decade;", ""},
		{"a unit's inside it", "CONSTRAINT_MEMCG", "/system.slice/docker-c0ffee.scope/system.slice/web.service", "descendant",
			"at the limit of a cgroup inside it, /system.slice/docker-c0ffee.scope/system.slice/web.service;", ""},
		{"that of a cgroup above", "CONSTRAINT_MEMCG", "/docker", "ancestor", "at the limit of /docker;", "16777216"},
		{"a cgroup above whose name holds the id", "CONSTRAINT_MEMCG", "/for-c0ffee-alone", "ancestor", "at the limit of /for-c0ffee-alone;",
			"16777216"},
		{"the nodes of a cpuset", "CONSTRAINT_CPUSET", "", "nodes", "because the permitted NUMA nodes ran out of memory;", "16777216"},
		{"those of a memory policy", "CONSTRAINT_MEMORY_POLICY", "", "nodes", "because the permitted NUMA nodes ran out of memory;",
			"16777216"},
		{"the host's", "CONSTRAINT_NONE", "", "host", "because the host ran out of memory;", "16777216"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := play(NewTimeline("c0ffee", "web", false), append(startedRun(), counted(100, 0), counted(1000, 1),
				victimOf(42, cgroupfs.OOMVictim{PID: 7, Name: "job", Constraint: c.constraint, LimitOf: c.limitOf}))...)
			line := lines[len(lines)-1]
			if !strings.Contains(line.Message, "job (pid 7), "+c.text) {
				t.Errorf("%q does not say %q", line.Message, c.text)
			}
			var out bytes.Buffer
			if err := NewLog(&out, false).Write(&line); err != nil {
				t.Fatal(err)
			}
			got := gjson.ParseBytes(out.Bytes())
			for path, want := range map[string]string{"oom.constraint": c.want, "oom.limit_cgroup": c.limitOf, "oom.limit_bytes": c.bytes} {
				if value := got.Get(path); value.String() != want || want == "" && got.Get(`notes.#(field=="`+path+`").detail`).Str == "" {
					t.Errorf("%s is %q, wanted %q: %s", path, value.String(), want, got)
				}
			}
		})
	}
}

// TestOOMTakesTime checks a main process that the OOM killer chose and that ends seconds later: meanwhile it is not reported as
// running on. If it does not end, that is written.
func TestOOMTakesTime(t *testing.T) {
	var written []Line
	steps := append(startedRun(), counted(100, 0), counted(1000, 1), chosen(42, "app", "/docker/c0ffee", true), passTime(4000, &written),
		event(6000, "die", "exitCode=137"), inspect(6100, container("exited", 137)))
	got := play(NewTimeline("c0ffee", "web", false), steps...)
	if text(written) != "start" || text(got) != "die/oom-killed=137" {
		t.Errorf("%s, and then %s", text(written), text(got))
	}
	got = play(NewTimeline("c0ffee", "web", false), append(startedRun(), counted(100, 0), counted(1000, 1),
		chosen(42, "app", "/docker/c0ffee", true))...)
	if text(got) != "start oom" || !strings.Contains(got[1].Message, "its first process app (pid 42)") ||
		!strings.HasSuffix(got[1].Message, "; its end has not been seen yet") {
		t.Errorf("%s: %+v", text(got), got)
	}
}

func oomKilled(code int) dockercli.Container {
	c := container("exited", code)
	c.State.OOMKilled = true
	return c
}

// TestOOMLogged checks the OOM fields of a line: what is known, what is unknown, and what a redacted log leaves out.
func TestOOMLogged(t *testing.T) {
	named := []step{counted(100, 0), counted(1000, 1), chosen(7, "secret-job", "/docker/c0ffee", false)}
	unnamed := []step{counted(100, 0), counted(1000, 1), func(l *Timeline) {
		l.VictimsUnknown(l.current.started, &fs.PathError{Op: "open", Path: "/dev/kmsg", Err: unix.EPERM})
	}}
	write := func(redact bool, steps []step) gjson.Result {
		lines := play(NewTimeline("c0ffee", "web", false), append(startedRun(), steps...)...)
		var out bytes.Buffer
		if err := NewLog(&out, redact).Write(&lines[len(lines)-1]); err != nil {
			t.Fatal(err)
		}
		if redact && strings.Contains(out.String(), "secret-job") {
			t.Errorf("not redacted: %s", out.String())
		}
		return gjson.ParseBytes(out.Bytes())
	}
	for path, want := range map[string]string{"oom.first_process": "false", "oom.victims.0.pid": "7", "oom.victims.0.name": "secret-job",
		"oom.constraint":   "limit",
		"oom.limit_cgroup": "/docker/c0ffee", "oom.limit_bytes": "16777216", "oom.peak_bytes": "15728640", "notes": "", "oom_kills": "1"} {
		if got := write(false, named).Get(path).String(); got != want {
			t.Errorf("%s is %q, wanted %q", path, got, want)
		}
	}
	if got := write(true, named); got.Get("oom.victims.0.name").Type != gjson.Null || got.Get("oom.victims.0.pid").Int() != 7 {
		t.Errorf("redacted: %s", got)
	}
	got := write(false, unnamed)
	if got.Get("oom.victims").Type != gjson.Null || got.Get(`notes.#(field=="oom.victims").reason`).Str != "denied" ||
		!strings.Contains(got.Get(`notes.#(field=="oom.victims").detail`).Str, "/dev/kmsg") {
		t.Errorf("no victim is named: %s", got)
	}
}
