package trace

import (
	"encoding/binary"
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// perfRecord is one record of a ring buffer.
type perfRecord struct {
	kind     uint32 // PERF_RECORD_*
	at       time.Duration
	pid, tid int    // who was running
	cpu      int    // on which
	cgroup   uint64 // of a sample: the id of the cgroup that pid is in; 0 if the kernel does not give it
	raw      []byte // of a sample: the tracepoint's record; valid until the ring moves on

	parent int      // of a fork: the process that it comes from
	name   [16]byte // of a new name, up to the first zero
	lost   uint64   // how many records the kernel dropped
}

// sampleType selects the parts of a sample. Other records have the same parts, without the tracepoint's record and the cgroup.
const sampleType = unix.PERF_SAMPLE_TID | unix.PERF_SAMPLE_TIME | unix.PERF_SAMPLE_CPU | unix.PERF_SAMPLE_RAW

// trailerSize is the size of struct sample_id, which follows each record that is not a sample.
const trailerSize = 24

var errCutRecord = errors.New("a perf record ends too early")

// parseRecord parses a record without its header. All numbers have the byte order of the machine:
//
//	SAMPLE          pid, tid uint32; time uint64; cpu, zero uint32; size uint32; data [size]byte; cgroup uint64
//	COMM            pid, tid uint32; name up to a zero, padded to 8 bytes; trailer
//	FORK, EXIT      pid, parent, tid, parent's thread uint32; time uint64; trailer
//	LOST            id, lost uint64; trailer
//	LOST_SAMPLES    lost uint64; trailer
//	trailer         pid, tid uint32; time uint64; cpu, zero uint32
//
// Source: include/uapi/linux/perf_event.h, enum perf_event_type; perf_event_open(2). Samples have the cgroup since Linux 5.7.
func parseRecord(kind uint32, body []byte, withCgroup bool) (r perfRecord, ok bool, err error) {
	order := binary.NativeEndian
	r.kind = kind
	if kind == unix.PERF_RECORD_SAMPLE {
		return parseSample(r, body, withCgroup)
	}
	if len(body) < trailerSize {
		return r, false, errCutRecord
	}
	data, trailer := body[:len(body)-trailerSize], body[len(body)-trailerSize:]
	r.pid, r.tid = number(trailer), number(trailer[4:])
	r.at = time.Duration(order.Uint64(trailer[8:]))
	r.cpu = number(trailer[16:])
	if len(data) < leastSize(kind) {
		return r, false, errCutRecord
	}
	switch kind {
	case unix.PERF_RECORD_COMM:
		r.pid, r.tid = number(data), number(data[4:])
		copy(r.name[:], data[8:])
	case unix.PERF_RECORD_FORK, unix.PERF_RECORD_EXIT:
		r.pid, r.parent, r.tid = number(data), number(data[4:]), number(data[8:])
	case unix.PERF_RECORD_LOST:
		r.lost = order.Uint64(data[8:])
	case unix.PERF_RECORD_LOST_SAMPLES:
		r.lost = order.Uint64(data)
	default:
		return r, false, nil
	}
	return r, true, nil
}

// leastSize is the minimum size of a record, without the trailer.
func leastSize(kind uint32) int {
	switch kind {
	case unix.PERF_RECORD_FORK, unix.PERF_RECORD_EXIT:
		return 24
	case unix.PERF_RECORD_LOST:
		return 16
	case unix.PERF_RECORD_COMM, unix.PERF_RECORD_LOST_SAMPLES:
		return 8
	}
	return 0
}

func number(data []byte) int { return int(int32(binary.NativeEndian.Uint32(data))) }

func parseSample(r perfRecord, body []byte, withCgroup bool) (perfRecord, bool, error) {
	const fixed = 28
	after := 0
	if withCgroup {
		after = 8
	}
	if len(body) < fixed+after {
		return r, false, errCutRecord
	}
	order := binary.NativeEndian
	r.pid, r.tid = number(body), number(body[4:])
	r.at = time.Duration(order.Uint64(body[8:]))
	r.cpu = number(body[16:])
	size := int(order.Uint32(body[24:]))
	if size > len(body)-fixed-after {
		return r, false, errCutRecord
	}
	r.raw = body[fixed : fixed+size]
	if withCgroup {
		r.cgroup = order.Uint64(body[fixed+size:])
	}
	return r, true, nil
}
