package cgroupfs

import (
	"bytes"

	"haltscope/cgroupfs/figure"
)

// IO is what a v2 cgroup has read and written, by block device. There is a list if State is [figure.Present].
type IO struct {
	Devices []IODevice
	State   figure.State
}

// IODevice is one line of io.stat.
type IODevice struct {
	Device string // MAJOR:MINOR
	IOStat
}

// IOStat is what was read, written and discarded, in bytes and in operations. A write to the page cache is counted when it
// reaches the device.
type IOStat struct {
	Rbytes, Wbytes, Rios, Wios, Dbytes, Dios figure.Figure
}

// parseIOStat parses v2's io.stat, which has a line for each device, in no particular order. Other controllers add keys, and
// some kernels print a device without any.
//
//	8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0
//
// Source: cgroup-v2.rst, "io.stat". Discards came with Linux 4.20.
func parseIOStat(data []byte) IO {
	io := IO{State: figure.Present}
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if !isDevice(fields[0]) {
			return IO{State: figure.Failed}
		}
		d := IODevice{Device: string(fields[0]), IOStat: figure.AllWithout[IOStat](figure.Unsupported)}
		for _, field := range fields[1:] {
			key, value, _ := bytes.Cut(field, []byte{'='})
			switch string(key) {
			case "rbytes":
				d.Rbytes = figure.ParseUint(value)
			case "wbytes":
				d.Wbytes = figure.ParseUint(value)
			case "rios":
				d.Rios = figure.ParseUint(value)
			case "wios":
				d.Wios = figure.ParseUint(value)
			case "dbytes":
				d.Dbytes = figure.ParseUint(value)
			case "dios":
				d.Dios = figure.ParseUint(value)
			}
		}
		io.Devices = append(io.Devices, d)
	}
	return io
}

// isDevice reports whether a word is the number of a device, MAJOR:MINOR.
func isDevice(word []byte) bool {
	major, minor, _ := bytes.Cut(word, []byte{':'})
	return figure.ParseUint(major).State() == figure.Present && figure.ParseUint(minor).State() == figure.Present
}
