package trace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ring is what one CPU reports: a perf event, and the buffer into which the kernel writes its records.
type ring struct {
	cpu    int
	fd     int
	memory []byte // a page that describes the buffer, and the buffer
	copied []byte // a record that wraps around the end of the buffer
}

// ringPages returns the size of each CPU's buffer, without the page that describes it: a power of 2, and at most 1024 pages in all, unless
// there are more than 64 CPUs. The kernel lets each user have 516 KiB for each CPU without counting it as locked memory.
func ringPages(cpus int) int {
	pages := 64
	for pages > 16 && pages*cpus > 1024 {
		pages /= 2
	}
	return pages
}

// openRing opens the event of a tracepoint on one CPU, with a buffer of the given number of pages. It begins disabled. A filter selects
// the samples; the births, names and ends of all processes are reported without one.
func openRing(tracepoint uint64, cpu, pages int, withCgroup bool) (*ring, error) {
	attr := unix.PerfEventAttr{
		Type: unix.PERF_TYPE_TRACEPOINT, Config: tracepoint, Sample: 1, Sample_type: sampleType,
		Bits: unix.PerfBitDisabled | unix.PerfBitComm | unix.PerfBitTask | unix.PerfBitCommExec | unix.PerfBitSampleIDAll |
			unix.PerfBitUseClockID,
		Clockid: unix.CLOCK_MONOTONIC,
		// A sample wakes the reader at once. Other records do not, until the buffer is half full.
		Wakeup: 1,
	}
	attr.Size = uint32(unsafe.Sizeof(attr))
	if withCgroup {
		attr.Sample_type |= unix.PERF_SAMPLE_CGROUP
	}
	fd, err := unix.PerfEventOpen(&attr, -1, cpu, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("perf_event_open on CPU %d: %w", cpu, err)
	}
	page := os.Getpagesize()
	memory, err := unix.Mmap(fd, 0, page*(1+pages), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("mapping the perf buffer of CPU %d: %w", cpu, err)
	}
	return &ring{cpu: cpu, fd: fd, memory: memory}, nil
}

// enable begins to report, with a filter on the tracepoint's fields. Source: Documentation/trace/events.rst, event filtering.
func (r *ring) enable(filter string) error {
	if err := unix.IoctlSetString(r.fd, unix.PERF_EVENT_IOC_SET_FILTER, filter); err != nil {
		return fmt.Errorf("setting the filter %q: %w", filter, err)
	}
	if err := unix.IoctlSetInt(r.fd, unix.PERF_EVENT_IOC_ENABLE, 0); err != nil {
		return fmt.Errorf("enabling the perf event: %w", err)
	}
	return nil
}

func (r *ring) close() error {
	return errors.Join(unix.Munmap(r.memory), unix.Close(r.fd))
}

const headerSize = 8 // struct perf_event_header: type uint32; misc, size uint16

// errRing means that the records in a buffer make no sense.
var errRing = errors.New("a perf record has an impossible size")

// each passes on the records in the buffer, and frees their space. A body is valid only during its call. Source: perf_event_open(2),
// data_head: the records before it were written before it was set.
func (r *ring) each(pass func(kind uint32, body []byte)) error {
	about := (*unix.PerfEventMmapPage)(unsafe.Pointer(&r.memory[0]))
	data := r.memory[os.Getpagesize():]
	head, tail := atomic.LoadUint64(&about.Data_head), about.Data_tail
	defer func() { atomic.StoreUint64(&about.Data_tail, tail) }()
	for tail < head {
		record, err := r.recordAt(data, tail, head)
		if err != nil {
			tail = head // there is no way to find the next one
			return err
		}
		pass(binary.NativeEndian.Uint32(record), record[headerSize:])
		tail += uint64(len(record))
	}
	return nil
}

// recordAt returns the record at a place in a buffer whose size is a power of 2. It copies one that wraps around the end.
func (r *ring) recordAt(data []byte, tail, head uint64) ([]byte, error) {
	size := uint64(len(data))
	at := tail & (size - 1)
	if head-tail > size || head-tail < headerSize || at+headerSize > size { // records are aligned to 8 bytes
		return nil, errRing
	}
	length := uint64(binary.NativeEndian.Uint16(data[at+6:]))
	switch {
	case length < headerSize || length > head-tail:
		return nil, errRing
	case at+length <= size:
		return data[at : at+length], nil
	}
	r.copied = append(r.copied[:0], data[at:]...)
	r.copied = append(r.copied, data[:length-(size-at)]...)
	return r.copied, nil
}
