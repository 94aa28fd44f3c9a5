package cgroupfs

import (
	"bytes"

	"haltscope/cgroupfs/figure"
)

// Blkio is v1's blkio.throttle.io_service_bytes (bytes) or blkio.throttle.io_serviced (operations). It does not count
// cgroups below. v1 charges writes from the page cache to the root cgroup, so Write counts only writes that bypass the
// cache. There is a list if State is [figure.Present].
type Blkio struct {
	Devices []BlkioDevice
	State   figure.State
}

// BlkioDevice is what was read from a block device and written to it.
type BlkioDevice struct {
	Device      string // MAJOR:MINOR
	Read, Write figure.Figure
}

// parseBlkio parses a line for each device and kind of operation. The lines of a device follow each other.
//
//	254:0 Read 1459200
//	254:0 Write 0
//	254:0 Sync 1459200
//	254:0 Async 0
//	254:0 Discard 0
//	254:0 Total 1459200
//	Total 1459200
//
// Source: cgroup-v1/blkio-controller.rst, "Throttling/Upper limit policy files".
func parseBlkio(data []byte) Blkio {
	b := Blkio{State: figure.Present}
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		if len(fields) == 0 || string(fields[0]) == "Total" {
			continue
		}
		if len(fields) != 3 || !isDevice(fields[0]) {
			return Blkio{State: figure.Failed}
		}
		if n := len(b.Devices); n == 0 || b.Devices[n-1].Device != string(fields[0]) {
			missing := figure.Without(figure.Unsupported)
			b.Devices = append(b.Devices, BlkioDevice{string(fields[0]), missing, missing})
		}
		d := &b.Devices[len(b.Devices)-1]
		switch string(fields[1]) {
		case "Read":
			d.Read = figure.ParseUint(fields[2])
		case "Write":
			d.Write = figure.ParseUint(fields[2])
		}
	}
	return b
}
