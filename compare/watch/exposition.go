package watch

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/value"
)

// exposition is metrics in the text format of Prometheus, version 0.0.4. The tests parse and lint it with Prometheus's own
// library.
//
// No library writes it: VictoriaMetrics/metrics v1.45 has no help texts and leaves the escaping of labels to its caller, and
// prometheus/client_golang v1.23 adds 3.0 MB to the program (14 %) and 0.6 ms to every start (25 %), most of which
// are no watch.
type exposition struct{ bytes.Buffer }

const expositionType = "text/plain; version=0.0.4; charset=utf-8"

// family begins a metric, whose samples follow. The kind is counter, gauge or histogram.
func (e *exposition) family(name, kind, help string) {
	fmt.Fprintf(e, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// sample writes a value. Labels are pairs of name and value.
func (e *exposition) sample(name string, v float64, labels ...string) {
	e.WriteString(name)
	for i := 0; i < len(labels); i += 2 {
		if i == 0 {
			e.WriteByte('{')
		} else {
			e.WriteByte(',')
		}
		fmt.Fprintf(e, `%s="%s"`, labels[i], labelEscapes.Replace(value.Clean(labels[i+1])))
	}
	if len(labels) > 0 {
		e.WriteByte('}')
	}
	e.WriteByte(' ')
	e.Write(strconv.AppendFloat(e.AvailableBuffer(), v, 'g', -1, 64))
	e.WriteByte('\n')
}

// single writes a metric of one sample.
func (e *exposition) single(name, kind, help string, value float64) {
	e.family(name, kind, help)
	e.sample(name, value)
}

// stopBounds are the upper bounds of the buckets for stop durations, in seconds. They are dense around Docker's grace of 10 s.
var stopBounds = [...]float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 9, 11, 15, 30, 60, 120}

// histogram counts durations by bucket.
type histogram struct {
	within [len(stopBounds)]uint64 // without those in the buckets below
	count  uint64
	sum    float64 // seconds
}

func (h *histogram) observe(seconds float64) {
	for i, bound := range stopBounds {
		if seconds <= bound {
			h.within[i]++
			break
		}
	}
	h.count++
	h.sum += seconds
}

func (e *exposition) histogram(name string, h *histogram, labels ...string) {
	below := uint64(0)
	for i, bound := range stopBounds {
		below += h.within[i]
		e.sample(name+"_bucket", float64(below), append(labels, "le", strconv.FormatFloat(bound, 'g', -1, 64))...)
	}
	e.sample(name+"_bucket", float64(h.count), append(labels, "le", "+Inf")...)
	e.sample(name+"_sum", h.sum, labels...)
	e.sample(name+"_count", float64(h.count), labels...)
}

// ifKnown writes a gauge of one sample, unless the figure is missing.
func (e *exposition) ifKnown(name, help string, f figure.Figure) {
	if v, ok := f.Value(); ok {
		e.single(name, "gauge", help, float64(v))
	}
}

// process writes the resource usage of this process, by the usual names of such metrics (getrusage(2)). It leaves out what cannot be read.
func (e *exposition) process(started time.Time) {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) == nil {
		e.single("process_cpu_seconds_total", "counter", "User and system CPU time.",
			time.Duration(usage.Utime.Nano()+usage.Stime.Nano()).Seconds())
	}
	memory := proc.ReadStatm(os.Getpid())
	e.ifKnown("process_resident_memory_bytes", "Resident memory.", memory.Resident)
	e.ifKnown("process_virtual_memory_bytes", "Virtual memory.", memory.Size)
	e.ifKnown("process_open_fds", "Open file descriptors.", proc.OpenFiles())
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
		e.single("process_max_fds", "gauge", "Limit of open file descriptors.", float64(limit.Cur))
	}
	e.single("process_start_time_seconds", "gauge", "Start of the process, in seconds since 1970.", float64(started.UnixMilli())/1000)
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	e.single("go_goroutines", "gauge", "Goroutines.", float64(runtime.NumGoroutine()))
	e.single("go_memstats_alloc_bytes", "gauge", "Allocated heap.", float64(heap.Alloc))
	e.single("go_memstats_sys_bytes", "gauge", "Memory that the Go runtime got from the system.", float64(heap.Sys))
}
