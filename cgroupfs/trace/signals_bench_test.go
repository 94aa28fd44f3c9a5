package trace

import (
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// birthsVariable makes this program start so many processes, one after the other, and do nothing else.
const birthsVariable = "HALTSCOPE_TEST_BIRTHS"

func TestMain(m *testing.M) {
	if os.Getenv(faultVariable) != "" {
		fault()
	}
	if n, err := strconv.Atoi(os.Getenv(birthsVariable)); err == nil {
		for range n {
			if err := exec.Command("/bin/true").Run(); err != nil {
				os.Exit(1)
			}
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// ownCPU is the CPU time that this program has used.
func ownCPU(b *testing.B) time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// births has another program start unrelated processes.
func births(b *testing.B, n int) {
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), birthsVariable+"="+strconv.Itoa(n))
	if err := other.Run(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkBirths measures what an unrelated process that is born, executes a program and ends costs the tap in its own CPU time.
func BenchmarkBirths(b *testing.B) {
	f := follow(b)
	before := ownCPU(b)
	births(b, b.N)
	cost := float64(ownCPU(b)-before) / float64(b.N)
	b.ReportMetric(cost, "ns-CPU/process")
	b.ReportMetric(cost*1000/1e9*100, "%-of-a-core-at-1000/s")
	b.ReportMetric(float64(f.tap.Lost()), "lost")
}

// BenchmarkBirthsConnector is the same for the process connector, which wakes its reader for each event.
func BenchmarkBirthsConnector(b *testing.B) {
	p := open(b)
	before := ownCPU(b)
	births(b, b.N)
	cost := float64(ownCPU(b)-before) / float64(b.N)
	if _, err := p.Take(); err != nil && b.N < mostEvents/4 {
		b.Error(err)
	}
	b.ReportMetric(cost, "ns-CPU/process")
	b.ReportMetric(cost*1000/1e9*100, "%-of-a-core-at-1000/s")
}

// BenchmarkSignals measures what a signal costs that passes the filter.
func BenchmarkSignals(b *testing.B) {
	f := follow(b)
	command := exec.Command("sleep", "1000")
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	defer command.Wait()
	defer command.Process.Kill()
	before := ownCPU(b)
	for b.Loop() {
		if err := unix.Kill(command.Process.Pid, unix.SIGCONT); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(ownCPU(b)-before)/float64(b.N), "ns-CPU/signal")
	b.ReportMetric(float64(f.tap.Lost()), "lost")
}
