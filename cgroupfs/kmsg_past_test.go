package cgroupfs

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestPastParser parses records of Linux 6.18.44, taken after containers had been killed by the OOM killer and had crashed, and a
// record that a program had written to /dev/kmsg.
func TestPastParser(t *testing.T) {
	data, err := os.ReadFile("testdata/kmsg/linux-6.18.44")
	if err != nil {
		t.Fatal(err)
	}
	zero := time.Unix(1_000_000, 0)
	p := pastParser{zero: zero}
	for line := range strings.Lines(string(data)) {
		p.record([]byte(line))
	}
	if !p.past.Cut || !p.past.Oldest.Equal(zero.Add(272542735*time.Microsecond)) {
		t.Errorf("the oldest is of %s, cut %t", p.past.Oldest, p.past.Cut)
	}
	for i, want := range []struct {
		usec  int
		pid   int
		tasks []int
	}{
		{312457495, 17535, []int{17535}},        // its only process
		{312541598, 17831, []int{17604, 17831}}, // a worker
	} {
		got := p.past.Kills[i]
		if got.PID != want.pid || got.Name != "tail" || !slices.Equal(got.Tasks, want.tasks) ||
			!got.At.Equal(zero.Add(time.Duration(want.usec)*time.Microsecond)) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if n := len(p.past.Kills); n != 7 {
		t.Errorf("%d kills", n)
	}
	var faults []string
	for _, f := range p.past.Faults {
		faults = append(faults, f.Name+" "+f.Text)
	}
	if want := []string{"crash segfault", "crash invalid opcode", "crash general protection fault"}; !slices.Equal(faults, want) {
		t.Errorf("%q", faults)
	}
}

// TestPastParserOdd: a list of candidates belongs to the victim that follows it, and to no later one.
func TestPastParserOdd(t *testing.T) {
	const kill = "6,9,9,-;oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/a,task_memcg=/a,task=x,pid=42,uid=0"
	row := "6,1,1,-;[     42]     0    42     8582     8363     8032      331         0   102400        0             0 x"
	for name, c := range map[string]struct {
		records []string
		tasks   [][]int
	}{
		"no list":           {[]string{kill}, [][]int{nil}},
		"a row alone":       {[]string{row, kill}, [][]int{nil}},
		"a list":            {[]string{"6,1,1,-;" + taskHeader, row, kill, kill}, [][]int{{42}, nil}},
		"an empty list":     {[]string{"6,1,1,-;" + taskHeader, kill}, [][]int{{}}},
		"a forged row":      {[]string{"6,1,1,-;" + taskHeader, "14" + row[1:], kill}, [][]int{{}}},
		"a forged victim":   {[]string{"14" + kill[1:]}, nil},
		"no time":           {[]string{"6,1,x,-;" + kill[8:]}, nil},
		"a time of no year": {[]string{"6,1,9223372036854775807,-;" + kill[8:]}, nil},
	} {
		p := pastParser{}
		for _, r := range c.records {
			p.record([]byte(r))
		}
		if len(p.past.Kills) != len(c.tasks) {
			t.Errorf("%s: %+v", name, p.past.Kills)
			continue
		}
		for i, k := range p.past.Kills {
			if !slices.Equal(k.Tasks, c.tasks[i]) || (k.Tasks == nil) != (c.tasks[i] == nil) {
				t.Errorf("%s: %v, want %v", name, k.Tasks, c.tasks[i])
			}
		}
	}
}

// FuzzPastParser parses records, one a line.
func FuzzPastParser(f *testing.F) {
	data, err := os.ReadFile("testdata/kmsg/linux-6.18.44")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	for line := range strings.Lines(string(data)) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := pastParser{zero: time.Unix(1, 0)}
		for line := range strings.Lines(text) {
			p.record([]byte(line))
		}
		for _, k := range p.past.Kills {
			if k.PID <= 0 || slices.ContainsFunc(k.Tasks, func(pid int) bool { return pid <= 0 }) || k.At.Before(p.zero) {
				t.Errorf("%+v", k)
			}
		}
		for _, fault := range p.past.Faults {
			if fault.PID <= 0 || len(fault.Name) > 4*15 || !strings.Contains(text, fault.Name) || !strings.Contains(text, fault.Text) {
				t.Errorf("%+v", fault)
			}
		}
	})
}

// TestReadKernelPast reads the log of this machine.
func TestReadKernelPast(t *testing.T) {
	past, err := ReadKernelPast()
	if err != nil {
		t.Skip(err)
	}
	if past.Oldest.IsZero() || past.Oldest.After(time.Now()) {
		t.Errorf("its oldest record is of %s", past.Oldest)
	}
}
