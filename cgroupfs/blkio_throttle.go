package cgroupfs

import "bytes"

// Blkio is blkio.throttle.io_service_bytes (bytes) or blkio.throttle.io_serviced (operations) of cgroup v1, of the
// cgroup without those below it. v1 charges what is written from the page cache to the root, so Write is what was
// written past the cache. Unless State is [Present] there is no list.
type Blkio struct {
	Devices []BlkioDevice
	State   State
}

// BlkioDevice is what was read from a block device and written to it.
type BlkioDevice struct {
	Device      string // MAJOR:MINOR
	Read, Write Figure
}

// parseBlkio reads a line for each device and kind of operation, the lines of a device one behind the other.
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
	b := Blkio{State: Present}
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		if len(fields) == 0 || string(fields[0]) == "Total" {
			continue
		}
		if len(fields) != 3 || !isDevice(fields[0]) {
			return Blkio{State: Failed}
		}
		if n := len(b.Devices); n == 0 || b.Devices[n-1].Device != string(fields[0]) {
			b.Devices = append(b.Devices, BlkioDevice{string(fields[0]), Without(Unsupported), Without(Unsupported)})
		}
		d := &b.Devices[len(b.Devices)-1]
		switch string(fields[1]) {
		case "Read":
			d.Read = parseUint(fields[2])
		case "Write":
			d.Write = parseUint(fields[2])
		}
	}
	return b
}
