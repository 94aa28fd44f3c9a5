package cgroupfs

import "bytes"

// IO is what a cgroup has read and written, block device by block device. Unless State is [Present] there is no list.
type IO struct {
	Devices []IODevice
	State   State
}

// IODevice is a line of v2's io.stat.
type IODevice struct {
	Device string // MAJOR:MINOR
	IOStat
}

// IOStat is what was read, written and discarded, in bytes and in operations. A write to the page cache is counted
// when it reaches the device.
type IOStat struct {
	Rbytes, Wbytes, Rios, Wios, Dbytes, Dios Figure
}

// parseIOStat reads v2's io.stat: a line for each device, in no order. The discards came with 4.20; other controllers
// add keys, and some kernels print a device without any.
//
//	8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0
//
// Source: cgroup-v2.rst, "io.stat".
func parseIOStat(data []byte) IO {
	io := IO{State: Present}
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if !isDevice(fields[0]) {
			return IO{State: Failed}
		}
		d := IODevice{Device: string(fields[0]), IOStat: without[IOStat](Unsupported)}
		for _, field := range fields[1:] {
			key, value, _ := bytes.Cut(field, []byte{'='})
			switch string(key) {
			case "rbytes":
				d.Rbytes = parseUint(value)
			case "wbytes":
				d.Wbytes = parseUint(value)
			case "rios":
				d.Rios = parseUint(value)
			case "wios":
				d.Wios = parseUint(value)
			case "dbytes":
				d.Dbytes = parseUint(value)
			case "dios":
				d.Dios = parseUint(value)
			}
		}
		io.Devices = append(io.Devices, d)
	}
	return io
}

// isDevice reports whether the word is a device's number, MAJOR:MINOR.
func isDevice(word []byte) bool {
	major, minor, _ := bytes.Cut(word, []byte{':'})
	return parseUint(major).State() == Present && parseUint(minor).State() == Present
}
